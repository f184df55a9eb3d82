"""Why a picture is not taken."""

from kernel.errors import N_, NotFound, Refused


class PictureNotFound(NotFound):
    code = "picture_not_found"


class PictureTooLarge(Refused):
    code = "picture_too_large"
    message = N_("This file is larger than {megabytes} MB. Choose a smaller picture.")
    field = "photo"


class NotAPicture(Refused):
    code = "not_a_picture"
    message = N_("We cannot read this file as a picture. Choose a JPEG, PNG, WebP or AVIF.")
    field = "photo"


class TooManyPixels(Refused):
    code = "too_many_pixels"
    message = N_("This picture has more than {megapixels} megapixels. Make it smaller first.")
    field = "photo"


class PictureTakesTooLong(Refused):
    code = "picture_takes_too_long"
    message = N_("This picture takes too long to read. Save it anew, as a JPEG, and try again.")
    field = "photo"


class TooManyPictures(Refused):
    code = "too_many_pictures"
    message = N_("The pictures of this shop use all {megabytes} MB there are. Remove some first.")
    field = "photo"
