"""Configuration of Sphinx; `make docs` assembles the sources (`dev/site/source.py`) and builds them."""

from typing import Any

from nbstream import __version__

project = "nbstream"
author = "The nbstream developers"
copyright = author  # noqa: A001  the name that Sphinx reads
version = release = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
]
# Backquotes in docstrings are names or code; those of Python objects become links.
default_role = "py:obj"
smartquotes = False
# TSX with an ellipsis and the like are shown without colours.
suppress_warnings = ["misc.highlighting_failure"]

# What the notebooks saved is shown: nothing is run, and no widget is loaded from elsewhere.
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, Any] = {}
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3

toc_object_entries_show_parents = "hide"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = "nbstream"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "nbstream"},
    "search_as_you_type": True,
    "navigation_with_keys": False,
    "show_toc_level": 1,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars: dict[str, list[str]] = {
    page: []
    for page in ("index", "features", "comparison", "performance", "safety", "benchmarks", "changelog")
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def setup(app: Any) -> None:
    """Leave out what classes inherit from other packages."""
    app.connect("autodoc-skip-member", _is_foreign)


def _is_foreign(*event: Any) -> bool | None:
    value = event[3]
    function = getattr(value, "fget", None) or getattr(value, "__func__", None) or value
    module = getattr(function, "__module__", None) or type(value).__module__
    return True if not module.startswith("nbstream") else None
