"""Pages that everybody may read, kept rendered: in the process for a moment, in Redis for longer.

`rules` says what may be kept and under which key, `page` what is kept, `judging` whether it may
still be told, `following` what has changed, `shared` and `local` where it lies, `middleware` puts
them together. Nothing here decides anything: carts, checkout and orders never read it.
"""
