import django.db.models.deletion
from django.db import migrations, models


def count_votes_as_agreeing(apps, schema_editor):
    """Older rows do not tell how many votes were for the label; each counted in full."""
    rows = apps.get_model("classifier", "SnapshotRow").objects.using(schema_editor.connection.alias)
    rows.update(agreeing=models.F("votes"))


class Migration(migrations.Migration):

    dependencies = [
        ('classifier', '0001_initial'),
        ('labeling', '0012_anchor'),
    ]

    operations = [
        migrations.CreateModel(
            name='RunPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipe', models.CharField(max_length=40)),
                ('part', models.CharField(blank=True, help_text='The check by folds that it is of; empty: the model.', max_length=60)),
                ('name', models.CharField(help_text='loss, validation_loss, f1, …', max_length=40)),
                ('done', models.FloatField(help_text="The share of the recipe's training, 0 to 1.")),
                ('value', models.FloatField()),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.AddField(
            model_name='snapshotrow',
            name='agreeing',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='snapshotrow',
            name='weight',
            field=models.FloatField(default=1.0),
        ),
        migrations.RunPython(count_votes_as_agreeing, migrations.RunPython.noop, elidable=True),
        migrations.AddField(
            model_name='trainingrun',
            name='device',
            field=models.CharField(blank=True, help_text='What it computes on.', max_length=120),
        ),
        migrations.AddField(
            model_name='trainingrun',
            name='device_memory_mb',
            field=models.PositiveIntegerField(default=0, help_text='The most memory that a GPU was seen to use, in MB; 0 without one.'),
        ),
        migrations.AddField(
            model_name='trainingrun',
            name='memory_mb',
            field=models.PositiveIntegerField(default=0, help_text='The most memory that the worker was seen to use, in MB.'),
        ),
        migrations.AddField(
            model_name='trainingrun',
            name='phase',
            field=models.CharField(blank=True, choices=[('snapshotting', 'snapshotting'), ('training', 'training'), ('evaluating', 'evaluating')], max_length=12),
        ),
        migrations.AddField(
            model_name='trainingrun',
            name='recipe',
            field=models.CharField(blank=True, help_text='The one at work.', max_length=40),
        ),
        migrations.AddField(
            model_name='trainingrun',
            name='search_seconds',
            field=models.PositiveIntegerField(default=0, help_text="How long each recipe's parameters are searched; 0: not at all."),
        ),
        migrations.AddField(
            model_name='trainingrun',
            name='found',
            field=models.JSONField(default=dict, help_text='Recipe name to the parameters that the search chose.'),
        ),
        migrations.AddField(
            model_name='trainingrun',
            name='seed',
            field=models.PositiveIntegerField(default=0, help_text='What every draw in the training is made from.'),
        ),
        migrations.AlterField(
            model_name='snapshotrow',
            name='snapshot',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='classifier.datasetsnapshot'),
        ),
        migrations.AlterField(
            model_name='snapshotrow',
            name='split',
            field=models.CharField(choices=[('pool', 'training'), ('holdout', 'gold holdout'), ('left_out', 'left out, like a holdout item')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='snapshotrow',
            index=models.Index(fields=['snapshot', '-id'], name='snapshot_row_pages'),
        ),
        migrations.AddIndex(
            model_name='snapshotrow',
            index=models.Index(fields=['snapshot', 'split', 'label', 'method'], name='snapshot_row_mix'),
        ),
        migrations.AddConstraint(
            model_name='snapshotrow',
            constraint=models.UniqueConstraint(fields=('snapshot', 'external_id'), name='snapshot_row_once_by_external_id'),
        ),
        migrations.AddConstraint(
            model_name='snapshotrow',
            constraint=models.CheckConstraint(condition=models.Q(('weight__gt', 0)), name='snapshot_row_has_weight'),
        ),
        migrations.AddField(
            model_name='runpoint',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='points', to='classifier.trainingrun'),
        ),
        migrations.AddIndex(
            model_name='runpoint',
            index=models.Index(fields=['run', 'recipe', 'done'], name='run_point_curve'),
        ),
    ]
