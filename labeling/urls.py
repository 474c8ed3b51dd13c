"""The pages of a project's data, labels and quality."""

from django.urls import path

from labeling.views import home, imports, items, label, loop, projects, quality, review, settings

urlpatterns = [
    path("", home.home, name="home"),
    path("projects/", projects.index, name="projects"),
    path("projects/new/", projects.new, name="project-new"),
    path("p/<slug:slug>/", loop.loop, name="loop"),
    path("p/<slug:slug>/label/", label.label, name="label"),
    path("p/<slug:slug>/label/undo/", label.undo, name="label-undo"),
    path("p/<slug:slug>/label/<int:assignment_id>/submit/", label.submit, name="label-submit"),
    path("p/<slug:slug>/label/<int:assignment_id>/skip/", label.skip, name="label-skip"),
    path("p/<slug:slug>/label/<int:assignment_id>/extend/", label.extend, name="label-extend"),
    path("p/<slug:slug>/review/", review.queue, name="review"),
    path("p/<slug:slug>/review/<int:task_id>/", review.case, name="review-case"),
    path("p/<slug:slug>/review/<int:task_id>/decide/", review.decide, name="review-decide"),
    path("p/<slug:slug>/review/<int:task_id>/back/", review.send_back, name="review-send-back"),
    path("p/<slug:slug>/items/", items.index, name="items"),
    path("p/<slug:slug>/items/import/", imports.new, name="items-import"),
    path("p/<slug:slug>/items/import/<int:job_id>/", imports.result, name="import"),
    path("p/<slug:slug>/items/import/<int:job_id>/live/", imports.live, name="import-live"),
    path("p/<slug:slug>/items/import/<int:job_id>/start/", imports.start, name="import-start"),
    path("p/<slug:slug>/items/import/<int:job_id>/cancel/", imports.cancel, name="import-cancel"),
    path(
        "p/<slug:slug>/items/import/<int:job_id>/problems.csv",
        imports.problems,
        name="import-problems",
    ),
    path("p/<slug:slug>/items/<int:item_id>/", items.item, name="item"),
    path("p/<slug:slug>/quality/", quality.quality, name="quality"),
    path("p/<slug:slug>/settings/", settings.page, name="settings"),
    path("p/<slug:slug>/settings/general/", settings.general, name="settings-general"),
    path("p/<slug:slug>/settings/label/", settings.label, name="settings-label"),
    path("p/<slug:slug>/settings/guideline/", settings.guideline, name="settings-guideline"),
    path("p/<slug:slug>/settings/member/", settings.member, name="settings-member"),
    path(
        "p/<slug:slug>/settings/member/<int:membership_id>/remove/",
        settings.remove,
        name="settings-member-remove",
    ),
]
