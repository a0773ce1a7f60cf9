"""The door: plain data in, plain data out. Apps and hosts come in here and nowhere else.

Importing it loads neither torch nor numpy; calling it does. A fault of the whole run is in the Report, not raised; what
can only be a caller's mistake (an unknown setting, a job file that is no job) raises BadInput.
"""

from ff_vfx.door.anonymous import ANONYMISE_METHODS, anonymise, make_anonymise_job
from ff_vfx.door.audit_log import AuditWish, audit_begin, audit_show, audit_verify, audit_where
from ff_vfx.door.consenting import (
    consent_keygen,
    consent_keys,
    consent_new,
    consent_revoke,
    consent_schema,
    consent_show,
    consent_sign,
    consent_template,
    consent_trust,
    consent_verify,
    read_fields,
)
from ff_vfx.door.jobs import make_job, make_settings, settings_schema
from ff_vfx.door.marks import find_mark, new_mark_key
from ff_vfx.door.public import (
    EXPORT_FORMATS,
    REVIEW_VIEWS,
    FrameCall,
    add_model,
    check,
    check_models,
    export_track,
    info,
    list_models,
    missing_models,
    models_folder,
    pull_model,
    pull_models,
    render,
    show_model,
    track,
    write_curves,
    write_review,
    write_sheet,
)
from ff_vfx.door.publishing import (
    CheckInfo,
    check_delivery,
    delivery_checks,
    publish_delivery,
    repair_delivery,
)
from ff_vfx.door.quality import judge, qc_limits, qc_limits_schema, write_qc_page
from ff_vfx.door.verify import label, verify
from ff_vfx.types.report import ProgressCall

__all__ = [
    "ANONYMISE_METHODS",
    "EXPORT_FORMATS",
    "REVIEW_VIEWS",
    "AuditWish",
    "CheckInfo",
    "FrameCall",
    "ProgressCall",
    "add_model",
    "anonymise",
    "audit_begin",
    "audit_show",
    "audit_verify",
    "audit_where",
    "check",
    "check_delivery",
    "check_models",
    "consent_keygen",
    "consent_keys",
    "consent_new",
    "consent_revoke",
    "consent_schema",
    "consent_show",
    "consent_sign",
    "consent_template",
    "consent_trust",
    "consent_verify",
    "delivery_checks",
    "export_track",
    "find_mark",
    "info",
    "judge",
    "label",
    "list_models",
    "make_anonymise_job",
    "make_job",
    "make_settings",
    "missing_models",
    "models_folder",
    "new_mark_key",
    "publish_delivery",
    "pull_model",
    "pull_models",
    "qc_limits",
    "qc_limits_schema",
    "read_fields",
    "render",
    "repair_delivery",
    "settings_schema",
    "show_model",
    "track",
    "verify",
    "write_curves",
    "write_qc_page",
    "write_review",
    "write_sheet",
]
