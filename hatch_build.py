"""Builds the web client while the wheel is made, so that `pip install .` serves a whole product.

Set CHATSERVER_SKIP_WEB=1 to leave it out of an editable install.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebClientHook(BuildHookInterface[Any]):
    """Fills chatserver/static before the files of the package are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the web client; `version` is `standard` or `editable`.

        Raises:
            WebBuildError: it could not be built.
        """
        if version == "editable" and os.environ.get("CHATSERVER_SKIP_WEB") == "1":
            return
        root = Path(self.root)
        spec = importlib.util.spec_from_file_location("web_build", root / "web" / "build.py")
        if spec is None or spec.loader is None:
            raise FileNotFoundError(root / "web" / "build.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.build(root, self.app.display_info)
