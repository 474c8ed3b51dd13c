"""The pages of a project's data, labels and quality."""

from django.urls import path

from labeling.views import (
    home,
    imports,
    items,
    label,
    label_acts,
    loop,
    projects,
    quality,
    review,
    settings,
    settings_label,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("projects/", projects.index, name="projects"),
    path("projects/new/", projects.new, name="project-new"),
    path("p/<slug:slug>/", loop.loop, name="loop"),
    path("p/<slug:slug>/label/", label.label, name="label"),
    path("p/<slug:slug>/label/next/", label.following, name="label-next"),
    path("p/<slug:slug>/label/answers/", label.answers, name="label-answers"),
    path("p/<slug:slug>/label/undo/", label_acts.undo, name="label-undo"),
    path("p/<slug:slug>/label/<int:assignment_id>/undo/", label_acts.undo, name="label-undo-one"),
    path("p/<slug:slug>/label/<int:assignment_id>/submit/", label_acts.submit, name="label-submit"),
    path("p/<slug:slug>/label/<int:assignment_id>/skip/", label_acts.skip, name="label-skip"),
    path("p/<slug:slug>/label/<int:assignment_id>/extend/", label_acts.extend, name="label-extend"),
    path(
        "p/<slug:slug>/label/<int:assignment_id>/release/",
        label_acts.release,
        name="label-release",
    ),
    path("p/<slug:slug>/review/", review.queue, name="review"),
    path("p/<slug:slug>/review/<int:task_id>/", review.case, name="review-case"),
    path("p/<slug:slug>/review/<int:task_id>/decide/", review.decide, name="review-decide"),
    path("p/<slug:slug>/review/<int:task_id>/back/", review.send_back, name="review-send-back"),
    path("p/<slug:slug>/items/", items.index, name="items"),
    path("p/<slug:slug>/items/import/", imports.new, name="items-import"),
    path("p/<slug:slug>/items/import/<int:job_id>/", imports.result, name="import"),
    path("p/<slug:slug>/items/<int:item_id>/", items.item, name="item"),
    path("p/<slug:slug>/quality/", quality.quality, name="quality"),
    path("p/<slug:slug>/settings/", settings.page, name="settings"),
    path("p/<slug:slug>/settings/general/", settings.general, name="settings-general"),
    path("p/<slug:slug>/settings/label/", settings.label, name="settings-label"),
    path(
        "p/<slug:slug>/settings/label/<int:label_id>/",
        settings_label.edit,
        name="settings-label-edit",
    ),
    path(
        "p/<slug:slug>/settings/label/<int:label_id>/move/",
        settings_label.move,
        name="settings-label-move",
    ),
    path(
        "p/<slug:slug>/settings/label/<int:label_id>/remove/",
        settings_label.remove,
        name="settings-label-remove",
    ),
    path("p/<slug:slug>/settings/guideline/", settings.guideline, name="settings-guideline"),
    path("p/<slug:slug>/settings/member/", settings.member, name="settings-member"),
    path(
        "p/<slug:slug>/settings/member/<int:membership_id>/remove/",
        settings.remove,
        name="settings-member-remove",
    ),
]
