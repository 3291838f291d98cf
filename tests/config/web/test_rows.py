"""Lines of a list."""

from dataclasses import dataclass

from django.template import Context, Template

from config.web.rows import Row


@dataclass(frozen=True, slots=True)
class Line(Row):
    name: str

    @property
    def shout(self):
        return self.name.upper()


def test_a_template_reads_fields_and_properties_and_nothing_else():
    page = Template("{% for line in lines %}{{ line.name }} {{ line.shout }} [{{ line.other }}]{% endfor %}")

    assert page.render(Context({"lines": [Line("ada")]})) == "ada ADA []"
