"""What the admin checks before a category or a synonym is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django import forms

from commerce.catalog.models import Category, SearchSynonym
from commerce.catalog.splitting import words_of

if TYPE_CHECKING:  # Django's class takes no type argument at run time
    CategoryModelForm = forms.ModelForm[Category]
    SynonymModelForm = forms.ModelForm[SearchSynonym]
else:
    CategoryModelForm = SynonymModelForm = forms.ModelForm

LEAST_SYNONYMS = 2


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
