"""Whether data arrives: sources, imports, records that wait. What it holds of accounts only those see who see them all."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Job
from health import feeds, lateness
from health.book import today
from health.views.requests import PageRequest


def _only_for_the_whole_book(request: PageRequest) -> None:
    if not request.user.sees_every_account:
        raise PermissionDenied


@require_safe
@login_required
def health(request: PageRequest) -> HttpResponse:
    """Streams for everybody; refused events, imports and waiting records for managers and admins."""
    paces, streams = lateness.paces(), list(feeds.streams())
    late = [pace for pace in paces.values() if pace.is_late]
    effects = lateness.effects(list(paces.values()), request.user)
    context: dict[str, object] = {"section": "data", "streams": streams, "late": late}
    refused = feeds.refusals(today()) if request.user.sees_every_account else {}
    context["sources"] = feeds.by_source(streams, paces, effects, refused)
    if request.user.sees_every_account:
        jobs, waiting = list(feeds.jobs()), feeds.waiting()
        context |= {"jobs": jobs, "waiting": waiting, "waiting_total": feeds.waiting_in_all(waiting)}
        context["stopped"] = stopped = feeds.stopped(jobs)
        context["running"] = any(job.state == Job.State.RUNNING and job.pk not in stopped for job in jobs)
    template = "health/jobs.html" if request.htmx else "health/data.html"
    return render(request, template, context)


@require_safe
@login_required
def job(request: PageRequest, number: int) -> HttpResponse:
    """One import: how far it is, what became of its rows, what was rejected and why."""
    _only_for_the_whole_book(request)
    found = get_object_or_404(Job.objects.select_related("source", "requested_by"), pk=number)
    context: dict[str, object] = {
        "section": "data",
        "job": found,
        "took": feeds.took(found),
        "file": feeds.rejected_file(found),
    }
    context["stopped"] = feeds.stopped([found])
    template = "health/job_state.html" if request.htmx else "health/job.html"
    return render(request, template, context)


@require_safe
@login_required
def rejected(request: PageRequest, number: int) -> HttpResponseBase:
    """The rejected rows as the file to correct and import again."""
    _only_for_the_whole_book(request)
    path = feeds.rejected_file(get_object_or_404(Job, pk=number))
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="text/csv")
