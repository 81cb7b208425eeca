"""Background jobs of the module: each part keeps its own file."""

from miasto.modules.idea.ideas import jobs as ideas_jobs  # noqa: F401
from miasto.modules.idea.live import jobs as live_jobs  # noqa: F401
from miasto.modules.idea.newsletter import jobs as newsletter_jobs  # noqa: F401
from miasto.modules.idea.panels import jobs as panels_jobs  # noqa: F401
from miasto.modules.idea.surveys import jobs as surveys_jobs  # noqa: F401
