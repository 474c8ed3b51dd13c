from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("labeling", "0005_export")]

    operations = [
        migrations.AddField(
            model_name="label",
            name="examples",
            field=models.TextField(
                blank=True, default="", help_text="Texts that bear it, one a line."
            ),
        ),
        migrations.AddField(
            model_name="label",
            name="counterexamples",
            field=models.TextField(
                blank=True,
                default="",
                help_text="Texts that seem to bear it and do not, one a line.",
            ),
        ),
        migrations.AddField(
            model_name="label",
            name="keywords",
            field=models.TextField(
                blank=True,
                default="",
                help_text="Words that are marked in an item's text, one a line.",
            ),
        ),
    ]
