"""Refusals about cooperatives and their shops."""

from kernel.errors import N_, Conflict, NotFound, Refused


class TenantNotFound(NotFound):
    code = "tenant_not_found"


class SlugTooShort(Refused):
    code = "slug_too_short"
    message = N_("Use at least {least} characters.")
    field = "slug"


class SlugTooLong(Refused):
    code = "slug_too_long"
    message = N_("Use at most {most} characters.")
    field = "slug"


class SlugHasOddCharacters(Refused):
    code = "slug_has_odd_characters"
    message = N_("Use the letters a to z, digits, and single hyphens between them.")
    field = "slug"


class SlugIsReserved(Refused):
    code = "slug_is_reserved"
    message = N_("This address is kept for Sheaf itself. Choose another one.")
    field = "slug"


class SlugTaken(Conflict):
    code = "slug_taken"
    message = N_("This address belongs to another shop. {free} is free.")
    field = "slug"


class ShopNeedsName(Refused):
    code = "shop_needs_name"
    message = N_("Enter a name, so that shoppers know whose shop it is.")
    field = "name"


class NoticeTooLong(Refused):
    code = "notice_too_long"
    message = N_("Use at most {most} characters, so that it is read.")


class UnknownCurrency(Refused):
    code = "unknown_currency"
    message = N_("Choose one of the currencies in the list.")
    field = "currency"


class CurrencyIsFixed(Conflict):
    code = "currency_is_fixed"
    message = N_("This shop already has orders in {currency}, so its currency stays.")
    field = "currency"


class UnknownTimeZone(Refused):
    code = "unknown_time_zone"
    message = N_("Choose one of the time zones in the list.")
    field = "time_zone"


class NeedsLanguage(Refused):
    code = "needs_language"
    message = N_("Choose at least one language.")
    field = "languages"


class UnknownLook(Refused):
    code = "unknown_look"
    message = N_("Choose one of the looks in the list.")
    field = "theme"


class NeedsReason(Refused):
    code = "needs_reason"
    message = N_("Say why: the cooperative and your colleagues will read it.")
    field = "reason"


class WrongState(Conflict):
    code = "wrong_state"
    message = N_("This shop is {state} now. Look again before you change it.")


class ShopIsResting(Refused):
    code = "shop_is_resting"
    message = N_("This shop takes no orders and no payments at the moment.")
