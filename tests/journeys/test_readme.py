"""The README's purchase, run as it stands."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.journeys.live import LiveShop

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_purchase_in_curl_works(live_shop: LiveShop) -> None:
    script = re.findall(r"```bash\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(script) == 1

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script[0]],
        env=os.environ | {"API": f"{live_shop.base}/api/v1", "DATA_DIR": str(live_shop.data_dir)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith('"status":"confirmed","payment_status":"paid"}}')
