"""The tables of a store for jobs of a Batch API that are not collected yet."""

from __future__ import annotations

__all__ = ["JOB_COLUMNS", "JOB_TABLES"]

JOB_COLUMNS = {
    "jobs": ("tag", "time", "endpoint", "owner", "file_id", "job_id"),
    "job_requests": ("key", "tag"),
}
"""The columns of each table."""

JOB_TABLES = (
    """CREATE TABLE IF NOT EXISTS jobs (
        tag TEXT PRIMARY KEY, time TEXT NOT NULL, endpoint TEXT NOT NULL, owner TEXT NOT NULL,
        file_id TEXT, job_id TEXT
    )""",
    "CREATE TABLE IF NOT EXISTS job_requests (key BLOB PRIMARY KEY, tag TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS job_requests_tag ON job_requests (tag)",
)
