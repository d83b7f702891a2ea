from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0003_available_stock"),
    ]

    operations = [
        migrations.CreateModel(
            name="AvailableStock",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "variant",
                        "warehouse",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("on_hand", models.IntegerField()),
                ("available", models.IntegerField()),
            ],
            options={
                "db_table": "available_stock",
                "managed": False,
            },
        ),
    ]
