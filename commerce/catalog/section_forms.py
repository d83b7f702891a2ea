"""The merchandisers' form of a home section: a field for each thing, never JSON by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings

from commerce.catalog.listing import AGE_LABELS
from commerce.catalog.models import Brand, Category, Gender, HomeSection, Product, SectionKind
from commerce.catalog.reads import active_categories
from commerce.catalog.sections import RULE_SORTS
from commerce.catalog.shelf.terms import DISCOUNT_STEPS, RATING_STEPS

if TYPE_CHECKING:  # Django's class takes no type argument at run time
    SectionModelForm = forms.ModelForm[HomeSection]
else:
    SectionModelForm = forms.ModelForm

ANY = ("", "any")
RULE = ("category", "brand", "age_band", "gender", "discount", "rating", "in_stock", "sort")
# What a section of each kind is made of.
FIELDS: dict[str, tuple[str, ...]] = {
    SectionKind.BANNER: ("image", "link", "alt"),
    SectionKind.COLLECTION: ("products", *RULE, "limit"),
    SectionKind.CATEGORIES: ("slugs",),
    SectionKind.AGES: ("bands",),
    SectionKind.NEWEST: ("limit",),
    SectionKind.POPULAR: ("limit",),
}
CONTENT = tuple(dict.fromkeys(name for names in FIELDS.values() for name in names))
NEEDED = {SectionKind.BANNER: "image", SectionKind.CATEGORIES: "slugs"}


class Slugs(forms.CharField):
    """Slugs one below the other, in the order in which they are shown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea({"rows": 6, "cols": 60}), **options)

    def prepare_value(self, value: Any) -> Any:
        """The lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Each slug once."""
        return list(dict.fromkeys(str(super().clean(value)).split()))


def _several(choices: Iterable[tuple[Any, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        required=False, choices=list(choices), widget=forms.CheckboxSelectMultiple
    )


def _steps(steps: Sequence[int], text: str) -> forms.ChoiceField:
    several = [(str(step), text.format(step)) for step in steps]
    return forms.ChoiceField(required=False, choices=[ANY, *several])


class HomeSectionForm(SectionModelForm):
    """A section; what it holds follows from its kind."""

    image = forms.CharField(required=False, help_text="A path below the CDN, home/diwali.jpg")
    link = forms.CharField(required=False, help_text="Where it leads, /products?category=toys")
    alt = forms.CharField(required=False, help_text="What the picture shows, for who can't see it")
    slugs = Slugs(label="Categories", help_text="Slugs of categories, one in a line")
    bands = _several(AGE_LABELS.items())
    products = Slugs(help_text="Slugs of products, one in a line: a collection by hand")
    category = forms.ModelChoiceField(
        Category.objects.none(), required=False, to_field_name="slug", empty_label="any"
    )
    brand = forms.ModelMultipleChoiceField(
        Brand.objects.none(), required=False, to_field_name="slug"
    )
    age_band = _several(AGE_LABELS.items())
    gender = _several(Gender.choices)
    discount = _steps(DISCOUNT_STEPS, "{} % or more")
    rating = _steps(RATING_STEPS, "{} stars or more")
    in_stock = forms.BooleanField(required=False, label="Only what is in stock")
    sort = forms.ChoiceField(required=False, choices=[("", "not by rule"), *RULE_SORTS.items()])
    limit = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=settings.PAGE_SIZE_MAX,
        help_text=f"How many products; {settings.HOME_SECTION_PRODUCTS} if nothing is said",
    )

    class Meta:
        model = HomeSection
        fields = ("title", "kind", "position", "is_active", "starts_at", "ends_at")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["category"].queryset = active_categories().order_by("path")  # type: ignore[attr-defined]
        brands = Brand.objects.filter(is_deleted=False).order_by("name")
        self.fields["brand"].queryset = brands  # type: ignore[attr-defined]
        content = self.instance.content
        rule = content.get("rule", {})
        for name, value in {**content, **rule}.items():
            if name in CONTENT:
                self.initial.setdefault(name, value)

    def clean(self) -> dict[str, Any]:
        """The fields, with everything that keeps the home screen from showing the section."""
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if kind:
            self._refuse_others(kind, cleaned)
            self._refuse_incomplete(kind, cleaned)
            self._refuse_unknown("products", Product, cleaned)
            self._refuse_unknown("slugs", Category, cleaned)
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "A section ends after it has started.")
        return cleaned

    def save(self, commit: bool = True) -> HomeSection:
        """Store the section with the content that the fields describe."""
        self.instance.content = self.content()
        return super().save(commit)

    def content(self) -> dict[str, Any]:
        """What the fields of the kind say, as `HomeSection.content` holds it."""
        given = {name: self._plain(name) for name in FIELDS[self.cleaned_data["kind"]]}
        said = {name: value for name, value in given.items() if value}
        rule = {name: said.pop(name) for name in RULE if name in said}
        return said | ({"rule": rule} if rule else {})

    def _plain(self, name: str) -> Any:
        """A value as JSON holds it: rows by their slugs, yes as a list's query says it."""
        value = self.cleaned_data.get(name)
        if name == "category":
            return value and value.slug
        if name == "brand":
            return [one.slug for one in value or ()]
        return "true" if value is True else value

    def _refuse_others(self, kind: str, cleaned: dict[str, Any]) -> None:
        for name in CONTENT:
            if cleaned.get(name) and name not in FIELDS[kind]:
                label = SectionKind(kind).label.lower()
                self.add_error(name, f"A section of the kind “{label}” has no such thing.")

    def _refuse_incomplete(self, kind: str, cleaned: dict[str, Any]) -> None:
        needed = NEEDED.get(SectionKind(kind))
        if needed and needed not in self.errors and not cleaned.get(needed):
            self.add_error(needed, "A section of this kind needs it.")
        if kind != SectionKind.COLLECTION:
            return
        ruled = [name for name in RULE if cleaned.get(name)]
        if cleaned.get("products") and ruled:
            self.add_error("products", "Products are picked by hand or by rule, not both.")
        elif not cleaned.get("products") and not ruled and not self.errors:
            self.add_error("products", "A collection needs products, or a rule that finds them.")

    def _refuse_unknown(self, name: str, model: type[Any], cleaned: dict[str, Any]) -> None:
        """A slug that is mistyped would be missing on the screen without a word."""
        slugs = cleaned.get(name) or []
        known = set(
            model.objects.filter(slug__in=slugs, is_deleted=False).values_list("slug", flat=True)
        )
        if unknown := [slug for slug in slugs if slug not in known]:
            self.add_error(name, f"Nothing has the slug {', '.join(unknown)}.")
