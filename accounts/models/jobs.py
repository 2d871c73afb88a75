"""Long work that can be watched, left and taken back."""

from django.conf import settings
from django.db import models


class Job(models.Model):
    """One run of long work, such as the import of a file. Its counts are the report."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        UNDONE = "undone", "Undone"

    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    source = models.ForeignKey("accounts.Source", on_delete=models.PROTECT, null=True, related_name="jobs")
    kind = models.CharField(max_length=40, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    total = models.BigIntegerField(default=0, help_text="Bytes to read.")
    done = models.BigIntegerField(default=0, help_text="Bytes read so far.")
    counts = models.JSONField(default=dict, help_text="Rows by what became of them.")
    rejections = models.JSONField(default=list, help_text="The first rejected rows: line, field and reason.")
    rejected_file = models.CharField(max_length=500, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk}: {self.name}"

    @property
    def rows(self) -> int:
        return sum(self.counts.values())
