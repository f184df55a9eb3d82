"""What runs behind the shops: jobs, mails and the audit."""

import json
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from admin.console import changes
from admin.console.cells import Cell, Code, Copyable, Link, show
from admin.console.filters import Only
from admin.console.health import job_numbers
from admin.console.labels import LABELS
from admin.console.pages import exposed
from admin.console.record_page import Act, RecordPage
from admin.console.records import TenantRecords
from admin.console.trail import audit_of
from kernel.jobs import Job, JobState
from kernel.scope import acting_for
from tenants.audit.models import AuditEntry
from tenants.audit.queries import find_flaw
from tenants.mail.models import Mail, MailState


class Jobs(TenantRecords):
    """Things to be done because something was announced."""

    column_list = ("name", "tenant_id", "state", "attempts", "last_error", "created_at")
    brief = ("name", "state", "attempts", "last_error", "created_at")
    column_details_list = (
        "id", "tenant_id", "name", "attempts", "last_error", "created_at", "lease_until",
        "finished_at", "facts",
    )  # fmt: skip
    column_sortable_list = ("created_at", "name")
    column_searchable_list = ("name",)
    column_filters = (Only(Job.tenant_id, _("Shop"), UUID), Only(Job.state, _("State"), JobState))
    search_hint = _("Search by name")
    list_template = "console/jobs.html"

    def render(self, template: str, **kwargs: Any) -> str:
        """The list stands under the numbers of the queues."""
        if template == self.list_template:
            kwargs["numbers"] = job_numbers()
        return str(super().render(template, **kwargs))

    def show_name(self, row: Job) -> Cell:
        return Link(row.name, self.record_url(row))

    def describe(self, row: Job) -> RecordPage:
        """The job; a dead one can be tried again."""
        url = url_for("console_jobs.retry", tenant_id=row.tenant_id, record_id=row.id)
        return RecordPage(
            title=row.name,
            state=show(row.state),
            acts=[Act(_("Try again"), url)] if row.state is JobState.DEAD else [],
            **audit_of(row.tenant_id, subject=str(row.id)),
        )

    @exposed("/<uuid:tenant_id>/<uuid:record_id>/retry", methods=("GET", "POST"))
    def retry(self, tenant_id: UUID, record_id: UUID) -> Any:
        """Make a dead job ready again, with a reason."""
        return changes.ask(self, changes.RETRY_JOB, self.find(tenant_id=tenant_id, id=record_id))


class Mails(TenantRecords):
    """Mails to people, without what was in them."""

    secret_columns = ("html", "text")
    column_labels = LABELS | {"subject": _("Subject line")}
    column_list = ("subject", "tenant_id", "recipient", "kind", "state", "created_at")
    brief = ("subject", "recipient", "state", "created_at")
    column_details_list = (
        "id", "tenant_id", "subject", "recipient", "kind", "reference", "from_name", "reply_to",
        "created_at", "sent_at",
    )  # fmt: skip
    column_sortable_list = ("created_at",)
    column_searchable_list = ("recipient", "subject")
    column_filters = (
        Only(Mail.tenant_id, _("Shop"), UUID),
        Only(Mail.state, _("State"), MailState),
    )
    search_hint = _("Search by recipient or subject")

    def show_subject(self, row: Mail) -> Cell:
        return Link(row.subject, self.record_url(row))

    def describe(self, row: Mail) -> RecordPage:
        """What is known about a mail without reading it."""
        return RecordPage(title=row.subject, state=show(row.state))


class Audit(TenantRecords):
    """Who did what in which shop."""

    column_list = ("number", "at", "tenant_id", "action", "actor", "subject")
    column_details_list = (
        "id", "tenant_id", "number", "at", "action", "actor", "subject", "body", "previous", "hash",
    )  # fmt: skip
    column_sortable_list = ("at",)
    column_searchable_list = ("action", "subject", "actor_name")
    column_filters = (Only(AuditEntry.tenant_id, _("Shop"), UUID),)
    search_hint = _("Search by action, subject or name")

    def show_number(self, row: AuditEntry) -> Cell:
        return Link(str(row.number), self.record_url(row))

    def show_actor(self, row: AuditEntry) -> str:
        return f"{row.actor_name} ({row.actor_kind})" if row.actor_name else row.actor_kind

    def show_subject(self, row: AuditEntry) -> Cell | str:
        return Copyable(row.subject) if row.subject else ""

    def show_body(self, row: AuditEntry) -> Cell:
        return Code(json.dumps(json.loads(row.body), indent=2, ensure_ascii=False))

    def describe(self, row: AuditEntry) -> RecordPage:
        """The entry as it was written, and whether its chain still holds."""
        url = url_for("console_audit.verify", tenant_id=row.tenant_id)
        return RecordPage(
            title=gettext("Entry %(number)s: %(action)s", number=row.number, action=row.action),
            acts=[Act(_("Verify this shop's chain"), url)],
            **audit_of(row.tenant_id),
        )

    @exposed("/<uuid:tenant_id>/verification")
    def verify(self, tenant_id: UUID) -> str:
        """Whether every entry of a shop is as it was written."""
        with acting_for(tenant_id):
            flaw = find_flaw()
        return str(self.render("console/verify.html", tenant_id=tenant_id, flaw=flaw))
