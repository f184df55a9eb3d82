from pathlib import Path

import pytest

from billing.sandbox.store import Store


def test_a_transaction_that_fails_keeps_nothing_of_itself(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite")
    store.add("acct_1", "charge", {"id": "ch_1"})

    def fail() -> None:
        with store.transaction():
            store.save("acct_1", "charge", {"id": "ch_1", "paid": True})
            with store.transaction():  # joins the outer one
                store.add("acct_1", "charge", {"id": "ch_2"})
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - ours, just above
        fail()

    assert store.list_all("acct_1", "charge") == [{"id": "ch_1"}]
    store.close()


def test_things_belong_to_one_account() -> None:
    store = Store()
    store.add("acct_1", "charge", {"id": "ch_1"})

    assert store.find("acct_2", "charge", "ch_1") is None
    assert store.find("acct_1", "refund", "ch_1") is None
    assert store.list_all("acct_2", "charge") == []
    assert store.locate("charge", "ch_1") == ("acct_1", {"id": "ch_1"})
    store.close()
