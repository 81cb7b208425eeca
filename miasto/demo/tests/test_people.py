"""Made-up people: no two with one address, no address that could be somebody's, the same for the same seed."""

from types import SimpleNamespace

from miasto.demo import people

UNITS = [SimpleNamespace(slug=f"unit-{number}") for number in range(22)]


def everybody(seed):
    crowd = people.Crowd(seed)
    return [*people.staff(UNITS, crowd), *people.operators(crowd), *people.residents(crowd)]


def test_the_same_seed_gives_the_same_people():
    assert [row["email"] for row in everybody(1)] == [row["email"] for row in everybody(1)]
    assert [row["email"] for row in everybody(1)] != [row["email"] for row in everybody(2)]


def test_nobody_shares_an_address_and_no_address_can_belong_to_anybody():
    rows = [row["email"] for row in everybody(1)] + [account.email for account in people.ACCOUNTS]
    assert len(rows) == len(set(rows))
    assert all(email.endswith(".invalid") and email.isascii() for email in rows)


def test_every_unit_has_a_supervisor_and_at_least_one_clerk_more():
    rows = people.staff(UNITS, people.Crowd(1))
    for unit in UNITS:
        roles = [role for row in rows for role, where in row["roles"] if where is unit]
        assert roles.count("cases.supervisor") == 1
        assert roles.count("cases.clerk") >= 2
    assert len(rows) >= 50


def test_there_is_one_demo_account_for_each_role_and_two_for_a_voting_point():
    roles = [account.role for account in people.ACCOUNTS]
    assert sorted(roles) == [
        "",
        "accounts.admin",
        "cases.clerk",
        "cases.coordinator",
        "cases.supervisor",
        "contact_centre.operator",
        "content.editor",
        "observations.keeper",
        "participation.committee",
        "participation.coordinator",
        "participation.officer",
        "participation.officer",
    ]
