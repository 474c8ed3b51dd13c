"""Signing in, a person's account, and their API keys."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import KeyForm, NewPasswordForm, ProfileForm
from accounts.keys import create_key, revoke_key
from accounts.models import ApiKey, User


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """The one page that needs no sign-in."""

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Answer 401 to a script whose session has ended: a form must not land in its page."""
        if request.headers.get("HX-Request") == "true":
            return HttpResponse("You are signed out.", status=401, content_type="text/plain")
        return super().dispatch(request, *args, **kwargs)


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show who the person is, and change name and e-mail."""
    person = _person(request)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your account is saved.")
        return redirect("account")
    return _account(request, form, NewPasswordForm(request, person))


@sensitive_post_parameters()
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """Change the person's password; they stay signed in here, and nowhere else."""
    person = _person(request)
    form = NewPasswordForm(request, person, request.POST)
    if not form.is_valid():
        return _account(request, ProfileForm(instance=person), form)
    update_session_auth_hash(request, form.save())
    messages.success(request, "Your password is changed. Other browsers are signed out.")
    return redirect("account")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """List the person's keys; make one and show its secret, this once.

    The secret is in the answer to the POST itself: anywhere else it would have to be stored.
    """
    form = KeyForm()
    made, secret = None, ""
    if request.method == "POST":
        form = KeyForm(request.POST)
        if form.is_valid():
            made, secret = _create(request, form)
            form = KeyForm()
    context = {
        "form": form,
        "made": made,
        "secret": secret,
        "keys": ApiKey.objects.filter(user=request.user.pk),
        "usable": set(ApiKey.objects.usable().filter(user=request.user.pk)),
    }
    return render(request, "accounts/keys.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    """Make one of the person's keys useless."""
    key = get_object_or_404(ApiKey, pk=key_id, user=request.user.pk)
    revoke_key(key=key)
    messages.success(request, f"{key.name} is revoked.")
    return redirect("keys")


def _person(request: HttpRequest) -> User:
    """Return the person anew: a form writes what was sent into its row, also where it refuses."""
    return User.objects.get(username=request.user.get_username())


def _account(request: HttpRequest, profile: ProfileForm, password: NewPasswordForm) -> HttpResponse:
    context = {"profile": profile, "password": password}
    wrong = profile.errors or password.errors
    return render(request, "accounts/account.html", context, status=422 if wrong else 200)


def _create(request: HttpRequest, form: KeyForm) -> tuple[ApiKey, str]:
    assert isinstance(request.user, User)  # noqa: S101 - LoginRequiredMiddleware lets no other in
    return create_key(
        user=request.user,
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        expires_at=form.expires_at(),
    )
