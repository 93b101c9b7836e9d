"""Which GPUs are there is read from what NVIDIA's program says, in bounded time, and broken drivers are named."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from fake_gpus import CARDS, FakeCard, FakeSlice, fake_smi, xml_of
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox import gpu

SLICED = FakeCard(
    minor=2,
    free="N/A",
    slices=(FakeSlice(7, uuid="MIG-aaaa"), FakeSlice(9, 1, 20096, "MIG-bbbb", "3g.20gb")),
)


def found(folder: Path, *cards: FakeCard, visible: str | None = None) -> gpu.Found:
    return gpu.find(visible, command=fake_smi(folder, cards))


def test_a_card_is_known_by_its_uuid_and_the_number_of_its_device_file(tmp_path: Path) -> None:
    """The number of the device file is not the card's place in the list."""
    first, second = found(tmp_path, *CARDS).gpus
    assert first == gpu.Gpu(
        CARDS[0].uuid, "NVIDIA A100-SXM4-40GB", 40960, 40000, CARDS[0].uuid, 0, 1, "0000:0b:00.0", "550.54.15"
    )
    assert (second.identity, second.index, second.minor, second.free) == (CARDS[1].uuid, 1, 0, 20000)


def test_a_cut_card_is_its_slices(tmp_path: Path) -> None:
    whole, small, large = found(tmp_path, CARDS[0], SLICED).gpus
    assert whole.instances is None
    assert (small.identity, small.memory, small.instances, small.minor) == ("MIG-aaaa", 4864, (7, 0), 2)
    assert (large.identity, large.free, large.instances) == ("MIG-bbbb", 20096, (9, 1))
    assert large.name == "NVIDIA A100-SXM4-40GB MIG 3g.20gb"
    assert small.card == large.card == SLICED.uuid


def test_a_card_that_is_to_be_cut_and_is_not_gives_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, FakeCard(slices=())).gpus == ()


@pytest.mark.parametrize(
    ("visible", "minors"),
    [
        (None, [1, 0]), ("0", [1]), ("1,0", [0, 1]), ("1,1", [0]), ("", []), ("-1", []), ("0,7,1", [1]), ("x", []),
        (CARDS[1].uuid, [0]), ("GPU-0a11", [0]), ("GPU-", []), (f"GPU-1, {CARDS[1].uuid}", [1, 0]),
    ],
)  # fmt: skip
def test_the_operators_choice_counts_as_cuda_reads_it(
    tmp_path: Path, visible: str | None, minors: list[int]
) -> None:
    """In its order, each once, up to the first that names nothing or is not clear."""
    answer = found(tmp_path, *CARDS, visible=visible)
    assert [one.minor for one in answer.gpus] == minors
    assert (answer.problem is None) == bool(minors)


def test_the_operator_may_choose_slices(tmp_path: Path) -> None:
    for visible, names in [("1", ["MIG-aaaa", "MIG-bbbb"]), ("MIG-bb", ["MIG-bbbb"]), ("MIG-cc,0", [])]:
        answer = found(tmp_path, CARDS[0], SLICED, visible=visible)
        assert [one.identity for one in answer.gpus] == names


def test_an_index_counts_cards_that_are_left_out(tmp_path: Path) -> None:
    forbidden = replace(CARDS[0], mode="Prohibited")
    assert [one.minor for one in found(tmp_path, forbidden, CARDS[1], visible="1").gpus] == [0]
    assert found(tmp_path, forbidden, CARDS[1], visible="0").gpus == ()


def test_compute_modes(tmp_path: Path) -> None:
    modes = ("Default", "Exclusive_Process", "Prohibited")
    cards = [FakeCard(minor=number, mode=mode) for number, mode in enumerate(modes)]
    assert [one.exclusive for one in found(tmp_path, *cards).gpus] == [False, True]


def test_memory_that_the_driver_does_not_tell(tmp_path: Path) -> None:
    shared, partly = found(tmp_path, FakeCard(memory="N/A", free="N/A"), FakeCard(minor=1, free="N/A")).gpus
    assert (shared.memory, shared.free, partly.free) == (0, 0, 40960)


def test_one_bad_card_leaves_the_others(tmp_path: Path) -> None:
    answer = found(tmp_path, FakeCard(memory="Unknown Error"), CARDS[0])
    assert [one.minor for one in answer.gpus] == [1]
    assert "00000000:0A:00.0" in str(answer.problem)
    assert "Unknown Error" in str(answer.problem)


def test_no_program_is_no_gpu(tmp_path: Path) -> None:
    assert gpu.find(command=str(tmp_path / "none"), root=tmp_path) == gpu.Found()
    (tmp_path / "proc/driver/nvidia").mkdir(parents=True)
    (tmp_path / "proc/driver/nvidia/version").touch()
    problem = gpu.find(command=str(tmp_path / "none"), root=tmp_path).problem
    assert "not on the path" in str(problem)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18", "reboot"),
        ("echo \"NVIDIA-SMI has failed because it couldn't communicate\" >&2; exit 9", "modprobe"),
        ("echo 'No devices were found'; exit 6", "sees no card"),
        ("exit 3", "exit status 3"),
        ("echo '<nvidia_smi_log><gpu'", "cannot be read"),
        ("echo '<nvidia_smi_log/>'", "sees no card"),
        ("echo '<!DOCTYPE x [<!ENTITY a \"b\">]><nvidia_smi_log>&a;</nvidia_smi_log>'", "entities"),
    ],
)  # fmt: skip
def test_a_broken_driver_is_said(tmp_path: Path, script: str, said: str) -> None:
    answer = gpu.find(command=fake_smi(tmp_path, script=script))
    assert answer.gpus == ()
    assert said in str(answer.problem)


def test_slices_without_a_name_are_not_used(tmp_path: Path) -> None:
    xml_only = f'case "$1" in -L) echo \'GPU 0: x (UUID: {SLICED.uuid})\';; *) cat "{tmp_path}/log.xml";; esac'
    answer = gpu.find(command=fake_smi(tmp_path, [SLICED], script=xml_only))
    assert answer.gpus == ()
    assert "does not list" in str(answer.problem)


def test_a_driver_that_hangs_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "_TIMEOUT", 0.3)
    began = time.monotonic()
    answer = gpu.find(command=fake_smi(tmp_path, script="exec sleep 20"))
    assert "hangs" in str(answer.problem)
    assert time.monotonic() - began < 10


@given(st.text(alphabet="0123,GPUMIG- abc", max_size=20))
def test_any_choice_names_only_what_is_there(visible: str) -> None:
    """And each at most once."""
    cards = [gpu.Gpu(c.uuid, "x", 1, 1, c.uuid, n, c.minor, c.bus, "1") for n, c in enumerate(CARDS)]
    chosen = gpu.visible_of(cards, visible)
    assert set(chosen) <= set(cards)
    assert len(set(chosen)) == len(chosen)


def test_the_fake_answers_as_xml() -> None:
    assert xml_of(CARDS).count("<gpu id=") == 2
