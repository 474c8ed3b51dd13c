"""What can go wrong in a verb, told so that the person or program at fault can mend it."""


class DomainError(Exception):
    """A refusal with its reason; nothing was changed. Pages show it, the API answers with it."""

    status = 400
    code = "refused"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(DomainError):
    """The input cannot be taken; the message names the field and the fix."""

    status = 422
    code = "invalid"


class Conflict(DomainError):
    """The thing is no longer in the state that the caller thought."""

    status = 409
    code = "conflict"


class Missing(Conflict):
    """There is no such thing among what the caller may see."""

    status = 404
    code = "missing"


class NotAllowed(DomainError):
    """The caller may not do this to this very thing."""

    status = 403
    code = "not_allowed"


class Unavailable(DomainError):
    """A part that the call needs does not answer; trying again later may help."""

    status = 503
    code = "unavailable"
