"""What a section that is being edited would show, before it is stored."""

from __future__ import annotations

from typing import Any

from commerce.catalog.home import chosen_by, shown
from commerce.catalog.section_forms import HomeSectionForm


def preview(form: HomeSectionForm) -> dict[str, Any]:
    """The section with its products and how many a rule finds, or the faults of the form."""
    if not form.is_valid():
        return {"title": "Preview", "form": form}
    section = form.instance
    section.content = form.content()
    found = chosen_by([section]).get(section.id)
    rows = shown([section])
    return {
        "title": f"Preview of “{section.title}”",
        "form": form,
        "section": rows[0] if rows else None,
        "total": found and found.total,
    }
