"""The site: hand-written pages here, lessons and reference pages written by tools/docs_pages.py."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

TOOLS = Path(__file__).resolve().parent.parent / "tools"
sys.path.insert(0, str(TOOLS))

import docstrings  # noqa: E402

project = "TinyTorch"
author = "The TinyTorch authors"
copyright = "The TinyTorch authors"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_design",
    "mathml",
]
exclude_patterns = ["_build", "executed"]

myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "off"
nb_merge_streams = True

default_role = "code"
highlight_language = "text"
add_module_names = False
autosummary_generate = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100
maximum_signature_line_length = 100

html_theme = "furo"
html_title = "TinyTorch"
html_static_path = ["_static"]
html_css_files = ["tinytorch.css"]
html_show_sphinx = False
html_copy_source = False
html_math_renderer = "mathml"
html_theme_options: dict[str, Any] = {
    "navigation_with_keys": True,
    "light_css_variables": {
        "color-brand-primary": "#8a3324",
        "color-brand-content": "#8a3324",
        "font-stack": "Charter, 'Bitstream Charter', 'Source Serif 4', Cambria, Georgia, serif",
        "font-stack--headings": "'Source Sans 3', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif",
    },
    "dark_css_variables": {
        "color-brand-primary": "#e59e8b",
        "color-brand-content": "#e59e8b",
    },
}
copybutton_exclude = ".linenos, .gp, .go"


def read_docstring(
    app: Any, what: str, name: str, member: Any, options: Any, lines: list[str]
) -> None:
    lines[:] = docstrings.to_rst(lines)


def setup(app: Any) -> None:
    app.connect("autodoc-process-docstring", read_docstring)
