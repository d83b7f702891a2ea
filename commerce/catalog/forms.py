"""What the admin checks before a category or a home section is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings

from commerce.catalog.models import Category, HomeSection, SearchSynonym, SectionKind
from commerce.catalog.splitting import words_of

if TYPE_CHECKING:  # Django's class takes no type argument at run time
    CategoryModelForm = forms.ModelForm[Category]
    SectionModelForm = forms.ModelForm[HomeSection]
    SynonymModelForm = forms.ModelForm[SearchSynonym]
else:
    CategoryModelForm = SectionModelForm = SynonymModelForm = forms.ModelForm

LEAST_SYNONYMS = 2
# What `content` may hold by kind.
SHAPES: dict[str, dict[str, type]] = {
    SectionKind.BANNER: {"image": str, "link": str, "alt": str},
    SectionKind.COLLECTION: {"products": list, "category": str, "limit": int},
    SectionKind.CATEGORIES: {"slugs": list},
    SectionKind.NEWEST: {"limit": int},
    SectionKind.POPULAR: {"limit": int},
}
REQUIRED: dict[str, tuple[str, ...]] = {
    SectionKind.BANNER: ("image",),
    SectionKind.COLLECTION: ("products", "category"),
    SectionKind.CATEGORIES: ("slugs",),
}


class CategoryForm(CategoryModelForm):
    """A category cannot be its own ancestor."""

    class Meta:
        model = Category
        fields = ("name", "slug", "parent", "position", "image", "is_active")

    def clean_parent(self) -> Category | None:
        """The parent, refused when it is the category itself or below it."""
        parent: Category | None = self.cleaned_data["parent"]
        if parent and self.instance.path and parent.path.startswith(self.instance.path):
            raise forms.ValidationError("A category cannot lie below itself.")
        return parent


class HomeSectionForm(SectionModelForm):
    """A section whose content has the shape of its kind."""

    class Meta:
        model = HomeSection
        fields = ("title", "kind", "content", "position", "is_active", "starts_at", "ends_at")

    def clean(self) -> dict[str, Any]:
        """The fields, with everything that is wrong about `content`."""
        cleaned = super().clean() or self.cleaned_data
        if "kind" in cleaned and "content" in cleaned:
            for fault in content_faults(cleaned["kind"], cleaned["content"]):
                self.add_error("content", fault)
        return cleaned


class SearchSynonymForm(SynonymModelForm):
    """Two or more single words, in lower case as searches are."""

    class Meta:
        model = SearchSynonym
        fields = ("words",)
        help_texts: ClassVar = {"words": "With commas between: frock, dress, फ्रॉक"}

    def clean_words(self) -> list[str]:
        """The words as they are compared."""
        words = set()
        for one in self.cleaned_data["words"]:
            if len(found := words_of(one)) != 1:
                raise forms.ValidationError(f"{one!r} is not one word that can be searched.")
            words.update(found)
        if len(words) < LEAST_SYNONYMS:
            raise forms.ValidationError("Name at least two words.")
        return sorted(words)


def content_faults(kind: str, content: object) -> Iterator[str]:
    """What keeps the home screen from showing this content."""
    if not isinstance(content, dict):
        yield "The content is a JSON object."
        return
    shape = SHAPES[kind]
    for name, value in content.items():
        if name not in shape:
            yield f"A section of this kind has no {name!r}; it has {', '.join(shape)}."
        elif not isinstance(value, shape[name]) or isinstance(value, bool):
            yield f"{name!r} is a {shape[name].__name__}."
        elif isinstance(value, list) and not all(isinstance(one, str) for one in value):
            yield f"{name!r} holds slugs."
        elif isinstance(value, int) and not 1 <= value <= settings.PAGE_SIZE_MAX:
            yield f"The limit is from 1 to {settings.PAGE_SIZE_MAX}."
    if (names := REQUIRED.get(kind)) and not any(name in content for name in names):
        yield f"A section of this kind needs {' or '.join(names)}."
