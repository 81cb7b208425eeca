"""What the registry refuses at the door."""

from dataclasses import dataclass

import pytest

from miasto.kernel.core.events import Event
from miasto.kernel.core.module import Module, Mount, Spec
from miasto.kernel.core.registry import ContractError, Registry


@dataclass(frozen=True, kw_only=True)
class Lamp(Spec):
    order: int = 100
    needs: str = ""

    def problems(self, registry):
        if self.needs and not registry.has(Lamp, self.needs):
            yield f"no Lamp {self.needs!r} is declared"


@dataclass(frozen=True, kw_only=True)
class LampBroke(Event):
    lamp: str


def module(slug="rats", **values):
    return (f"miasto.modules.{slug}", Module(slug=slug, name=slug, summary="", **values))


def test_declarations_of_a_kind_come_in_their_order():
    made = Registry([module(provides=(Lamp(key="rats.b", order=2), Lamp(key="rats.a", order=9), Lamp(key="rats.c", order=2)))])
    assert [spec.key for spec in made.all(Lamp)] == ["rats.b", "rats.c", "rats.a"]


def test_a_declaration_is_found_by_its_key_and_an_unknown_key_is_named():
    made = Registry([module(provides=(Lamp(key="rats.a"),))])
    assert made.get(Lamp, "rats.a").key == "rats.a"
    with pytest.raises(KeyError, match=r"no Lamp is declared under the key 'rats\.z'"):
        made.get(Lamp, "rats.z")


@pytest.mark.parametrize("key", ["a", "dogs.a", "rats.", "rats.A", "rats a", "rats..a"])
def test_a_wrong_key_is_refused_and_the_mend_is_named(key):
    with pytest.raises(ContractError, match=r"miasto\.modules\.rats.*Mend: write it as 'rats\.<name>'"):
        Registry([module(provides=(Lamp(key=key),))])


def test_a_key_declared_twice_is_refused():
    with pytest.raises(ContractError, match="declared twice"):
        Registry([module(provides=(Lamp(key="rats.a"), Lamp(key="rats.a")))])


def test_two_kinds_may_share_a_key():
    @dataclass(frozen=True, kw_only=True)
    class Post(Spec):
        pass

    made = Registry([module(provides=(Lamp(key="rats.a"), Post(key="rats.a")))])
    assert made.has(Lamp, "rats.a")
    assert made.has(Post, "rats.a")


def test_an_address_taken_by_another_module_is_refused_and_its_owner_named():
    with pytest.raises(ContractError, match=r"belongs to miasto\.modules\.cats"):
        Registry([module("cats", mounts=(Mount("x/"),)), module("dogs", mounts=(Mount("x/"),))])


@pytest.mark.parametrize("prefix", ["/x/", "x"])
def test_an_address_of_a_wrong_form_is_refused(prefix):
    with pytest.raises(ContractError, match="write it as 'deratyzacja/'"):
        Registry([module(mounts=(Mount(prefix),))])


def test_the_longer_address_is_tried_first():
    made = Registry([module("a", mounts=(Mount(""),)), module("b", mounts=(Mount("panel/"), Mount("panel/x/")))])
    assert [prefix for prefix, _ in made.mounts()] == ["panel/x/", "panel/", ""]


def test_a_listener_of_something_that_is_no_event_is_refused():
    with pytest.raises(ContractError, match="which is no event"):
        Registry([module(listens={str: (print,)})])


def test_listeners_are_found_by_the_event():
    made = Registry([module(listens={LampBroke: (print,)})])
    assert [function for _name, function in made.listeners(LampBroke)] == [print]


def test_a_declaration_that_leans_on_a_missing_one_is_refused():
    with pytest.raises(ContractError, match=r"Lamp 'rats\.a': no Lamp 'rats\.z' is declared"):
        Registry([module(provides=(Lamp(key="rats.a", needs="rats.z"),))])


def test_a_slug_that_is_not_the_folders_name_is_refused():
    with pytest.raises(ContractError, match="use the folder's name, slug='rats'"):
        Registry([("miasto.modules.rats", Module(slug="mice", name="", summary=""))])


def test_only_declarations_may_be_provided():
    with pytest.raises(ContractError, match="put only declarations"):
        Registry([module(provides=("rats.a",))])
