"""Pictures that are uploaded: what cannot be read to its end is refused at once, not when somebody wants to see it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm


class WholeImageField(WagtailImageField):
    """Takes pictures that can be read to their end. One that only begins like a picture is refused, with what to do."""

    def check_image_pixel_size(self, f):
        super_check = super().check_image_pixel_size
        try:
            super_check(f)  # also refuses what would unpack to gigabytes, before it is unpacked
            f.seek(0)
            with Image.open(f) as picture:
                picture.load()
        except ValidationError:
            raise
        except Exception as err:  # what a reader of pictures stumbles over has many names
            raise ValidationError(
                _("This picture is damaged or not complete. Export it again, or upload it once more."),
                code="invalid_image",
            ) from err
        finally:
            f.seek(0)


class ImageForm(BaseImageForm):
    """The form of the library of pictures."""

    file = WholeImageField(label=_("File"), widget=forms.FileInput())
