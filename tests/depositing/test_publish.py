"""Publishing: what has to be read back, spelt out and looked up before."""

from __future__ import annotations

from typing import Any

import pytest

from depositing.bench import (
    WRITE,
    Bench,
)
from invenio.server import (
    Rule,
)


def test_publishing_wants_the_version_spelt_out(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    before = len(bench.world.seen)
    for wrong in ("1.0", "1.0.1", ""):
        run = bench.run("--publish", wrong)
        assert run.code == 1 and "'1.0.0'" in run.err
    assert len(bench.world.seen) == before
    bench.good("--publish", "1.0.0")


def test_publishing_wants_an_upload_read_back(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    run = bench.run("--publish", "1.0.0")
    assert run.code == 1 and "--upload first" in run.err
    assert "publish" not in bench.world.steps()


def test_a_draft_changed_after_the_read_back_is_not_published(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    bench.record_of_doi().files["paragraphs.csv"].content = b"changed on the server's pages"
    run = bench.run("--publish", "1.0.0")
    assert run.code == 1 and "paragraphs.csv" in run.err
    assert "publish" not in bench.world.steps()


@pytest.mark.parametrize("status", [400, 404, 409])
def test_a_refusal_after_an_unanswered_publication_is_looked_up(bench: Bench, status: int) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    refusal = {"status": status, "message": "The record is being published."}
    bench.world.alters["publish"] = lambda was, content: (status, refusal) if was == 404 else (was, content)
    bench.world.rules = [Rule("504-done", step="publish")]
    bench.world.stale_after = "publish"
    assert "is published on the sandbox" in bench.good("--publish", "1.0.0").out
    assert bench.world.steps().count("publish") == 2
    bench.whole()


@pytest.mark.parametrize("status", [400, 404, 409])
def test_a_publication_that_is_refused_says_why_and_that_nothing_is_published(
    bench: Bench, status: int
) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    errors = [{"field": "metadata.creators", "messages": ["Missing data for required field."]}]
    refusal = {"status": status, "message": "A validation error occurred.", "errors": errors}

    def refuse(was: int, content: Any) -> tuple[int, Any]:
        bench.record().published = False
        return status, refusal

    bench.world.alters["publish"] = refuse
    run = bench.run("--publish", "1.0.0")
    assert run.code == 1 and f"{status}, A validation error occurred; metadata.creators: Missing" in run.err
    assert "nothing is published under this id" in run.err
    assert bench.world.steps().count("publish") == 1


def test_the_uploading_token_cannot_publish(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    bench.environ["CABLES_SANDBOX_PUBLISH_TOKEN"] = WRITE
    same = bench.run("--publish", "1.0.0")
    assert same.code == 1 and "has a token of its own" in same.err
    del bench.environ["CABLES_SANDBOX_DEPOSIT_TOKEN"]
    refused = bench.run("--publish", "1.0.0")
    assert refused.code == 1 and "403, Permission denied; CABLES_SANDBOX_PUBLISH_TOKEN" in refused.err
    assert "the scope deposit:actions" in refused.err
    del bench.environ["CABLES_SANDBOX_PUBLISH_TOKEN"]
    absent = bench.run("--publish", "1.0.0")
    assert absent.code == 1 and "CABLES_SANDBOX_PUBLISH_TOKEN is not set" in absent.err
    assert not bench.record().published
