"""The table: every hostile submission, what it tries, and the verdict that it must earn.

A row names a file of `submissions/`, the group of mechanisms that it belongs to, the statuses that are right for it,
and the most that it may score, which is what the honest part of its code earns (nothing, for nearly all). `policy` says
what the static look makes of it: rows that it turns away are judged twice, once through it and once past it, because
the box must hold without it. `limits` picks one of `LIMITS`; None stands for the exercise's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.model.exercise import Limits

SUBMISSIONS = Path(__file__).parent / "submissions"

# Small, so that a submission that never ends costs seconds and not minutes.
LIMITS = {
    "small": Limits(wall_s=2.0, case_wall_s=1.0, cpu_s=2.0, memory_mb=256, processes=16, output_kb=64),
    "memory": Limits(wall_s=5.0, case_wall_s=5.0, cpu_s=5.0, memory_mb=256, processes=16, output_kb=64),
    "cpu": Limits(wall_s=8.0, case_wall_s=8.0, cpu_s=1.0, memory_mb=256, processes=16, output_kb=64),
    "ranks": Limits(wall_s=12.0, case_wall_s=4.0, cpu_s=12.0, memory_mb=1024, processes=32, output_kb=64),
}

WRONG = frozenset({"wrong_answer"})
RAISED = frozenset({"runtime_error"})
WRONG_OR_RAISED = WRONG | RAISED
LATE = frozenset({"time_limit"})
MEMORY = frozenset({"memory_limit"})
OUTPUT = frozenset({"output_limit"})
RAISED_OR_LATE = RAISED | LATE
OUT_OF_SOMETHING = LATE | MEMORY | RAISED
ANY_FAILURE = WRONG | RAISED | LATE | MEMORY | OUTPUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One hostile submission; `takes_at_most_mb` bounds the highest figure in the lines `took N MiB` that it prints.

    With `native`, past the static look it may load native code too, because it attacks what lies behind.
    """

    exercise: str
    name: str
    group: str
    statuses: frozenset[str]
    most: float = 0.0
    policy: str = "admitted"
    limits: str | None = None
    slow: bool = False
    says: str = ""
    takes_at_most_mb: int | None = None
    native: bool = False

    @property
    def path(self) -> Path:
        """The file of the submission."""
        return SUBMISSIONS / self.exercise / f"{self.name}.py"

    @property
    def mechanism(self) -> str:
        """What it tries: the first line of its own docstring."""
        return self.path.read_text(encoding="utf-8").splitlines()[0].strip('"')

    @property
    def id(self) -> str:
        """How a test names it."""
        return f"{self.exercise}/{self.name}"


def _rows(group: str, exercise: str, statuses: frozenset[str], names: str, **more: object) -> Iterator[Row]:
    for name in names.split():
        yield Row(exercise=exercise, name=name, group=group, statuses=statuses, **more)  # type: ignore[arg-type]


_FRAMEWORK = "verdict and framework"
_READING = "reading answers"
_FORGING = "forging results"
_COSTS = "costly answers"
_VALUES = "values"
_SHORTCUTS = "forbidden shortcuts"
_TIMING = "timing and devices"
_HOST = "host"

TABLE: tuple[Row, ...] = (
    # Verdict and framework
    *_rows(_FRAMEWORK, "f1_auc", RAISED, "exit_zero_on_import os_exit_on_import exit_zero_in_a_call group_on_import"),
    *_rows(_FRAMEWORK, "f1_auc", RAISED, "atexit_zero raises_keyboard_interrupt always_value_error patches_builtins"),
    *_rows(_FRAMEWORK, "f1_auc", RAISED, "surrogates_and_escapes"),
    *_rows(_FRAMEWORK, "f1_auc", RAISED | frozenset({"rejected"}), "exits_when_looked_at raises_when_looked_at"),
    *_rows(_FRAMEWORK, "f1_auc", LATE, "hangs_when_looked_at", limits="small"),
    *_rows(_FRAMEWORK, "f1_auc", WRONG_OR_RAISED, "entry_points_vanish"),
    *_rows(_FRAMEWORK, "f1_auc", WRONG, "writes_pytest_configuration plants_sitecustomize poisons_pytest"),
    *_rows(_FRAMEWORK, "f1_auc", WRONG, "replaces_the_checker_on_the_stack patches_numpy_checks"),
    *_rows(_FRAMEWORK, "smote", RAISED, "os_exit_in_a_call group_in_a_call pytest_skip raises_base_exception"),
    *_rows(_FRAMEWORK, "smote", RAISED, "hostile_exceptions"),
    *_rows(_FRAMEWORK, "smote", WRONG, "skip_marks_and_hooks patches_the_reporter"),
    *_rows(_FRAMEWORK, "laplace_mechanism", RAISED, "unittest_skip raises_generator_exit"),
    *_rows(_FRAMEWORK, "laplace_mechanism", WRONG, "branches_on_the_test"),
    *_rows(_FRAMEWORK, "multi_head_attention", WRONG, "patches_torch_checks"),
    *_rows(_FRAMEWORK, "early_stopping", WRONG_OR_RAISED, "raises_what_is_wanted leaks_into_the_model"),
    # Reading answers
    *_rows(_READING, "f1_auc", WRONG, "opens_the_test_files waits_for_files_to_come_back reads_expected_from_frames"),
    *_rows(_READING, "f1_auc", WRONG, "imports_the_reference reads_source_of_its_caller reads_own_memory_file"),
    *_rows(_READING, "f1_auc", WRONG, "reads_other_processes network mailbox_in_shared_memory"),
    *_rows(_READING, "f1_auc", WRONG, "replays_answers_of_another_seed"),
    *_rows(_READING, "f1_auc", WRONG, "secrets_in_the_environment", policy="forbidden", native=True),
    *_rows(_READING, "smote", WRONG, "finds_the_reference_in_memory calls_the_loaded_reference"),
    *_rows(_READING, "smote", WRONG, "scans_the_heap mailbox_in_the_kernel", policy="forbidden", native=True),
    *_rows(_READING, "smote", WRONG, "searches_leftovers smuggles_through_output"),
    *_rows(_READING, "laplace_mechanism", RAISED, "failures_as_an_oracle"),
    *_rows(_READING, "laplace_mechanism", WRONG, "switches_the_stream"),
    *_rows(_READING, "laplace_mechanism", WRONG_OR_RAISED, "rewinds_the_generator other_kind_of_generator"),
    # Forging results
    *_rows(_FORGING, "f1_auc", WRONG, "prints_the_protocol patched_session"),
    *_rows(_FORGING, "f1_auc", WRONG_OR_RAISED, "answers_twice scans_descriptors child_answers_for_the_parent"),
    *_rows(_FORGING, "f1_auc", RAISED, "answers_before_the_question forged_handles"),
    *_rows(_FORGING, "f1_auc", RAISED, "daemon_rewrites_afterwards forged_big_ints forged_records forged_group"),
    *_rows(_FORGING, "f1_auc", RAISED, "calls_the_judge_back endless_callbacks forged_changes"),
    *_rows(_FORGING, "f1_auc", RAISED, "many_nodes msgpack_oddities"),
    *_rows(_FORGING, "f1_auc", WRONG_OR_RAISED, "kinds_without_end replies_ahead"),
    *_rows(_FORGING, "f1_auc", RAISED_OR_LATE, "half_closes_the_wire", limits="small"),
    # Whether the first answer or the stray byte arrives first is chance.
    *_rows(_FORGING, "f1_auc", WRONG | RAISED_OR_LATE, "out_of_band_bytes", limits="small"),
    *_rows(_FORGING, "f1_auc", RAISED_OR_LATE, "half_a_frame_then_sleep one_byte_at_a_time", limits="small"),
    *_rows(_FORGING, "f1_auc", MEMORY | RAISED_OR_LATE, "huge_blobs", limits="small"),
    *_rows(_FORGING, "f1_auc", RAISED_OR_LATE, "one_blob_many_times", limits="small"),
    *_rows(_FORGING, "f1_auc", WRONG, "sigsys_trap", limits="small", policy="forbidden", native=True),
    *_rows(_FORGING, "f1_auc", WRONG_OR_RAISED, "forged_graph forged_reply_to_reset error_on_reset", limits="small"),
    *_rows(_FORGING, "f1_auc", WRONG | LATE, "reads_slowly", slow=True),
    *_rows(_FORGING, "smote", RAISED, "garbage_on_the_wire half_a_frame_then_exit huge_lengths"),
    *_rows(_FORGING, "smote", RAISED, "deep_structure forged_error"),
    *_rows(_FORGING, "smote", RAISED, "forged_shapes forged_references big_list_many_times"),
    *_rows(_FORGING, "smote", WRONG, "passes_descriptors"),
    *_rows(_FORGING, "smote", RAISED, "double_fork_holds_the_wire"),
    *_rows(_FORGING, "smote", WRONG_OR_RAISED, "forged_tensors", limits="small"),
    *_rows(_FORGING, "smote", WRONG_OR_RAISED, "patched_encoder patched_operations pickle_reduce two_processes_answer"),
    *_rows(_FORGING, "smote", WRONG_OR_RAISED | LATE, "dup2_from_a_thread reset_never_returns", limits="small"),
    *_rows(_FORGING, "smote", WRONG_OR_RAISED | LATE, "closes_the_wire", limits="small"),
    *_rows(_FORGING, "smote", WRONG_OR_RAISED, "methods_that_vanish"),
    *_rows(_FORGING, "smote", WRONG, "overwrites_result_files replaces_system_programs"),
    *_rows(_FORGING, "early_stopping", WRONG_OR_RAISED, "torch_load_tricks replaces_the_driver is_its_own_driver"),
    *_rows(_FORGING, "early_stopping", WRONG_OR_RAISED, "everything_is_a_method seeds_that_fail"),
    *_rows(_FORGING, "multi_head_attention", WRONG_OR_RAISED, "keeps_what_is_reset"),
    *_rows(_FORGING, "ddp_step", RAISED, "ranks_that_forge_reports", limits="ranks", slow=True),
    *_rows(_FORGING, "ddp_step", RAISED, "answers_before_it_is_asked answers_twice", limits="ranks", slow=True),
    # Ranks that do without each other; each makes an ordinary step, which is right where there is one: 1 point
    *_rows(_READING, "ddp_step", WRONG, "fork_hook_takes_all walks_the_heap", most=1.0, slow=True),
    *_rows(_READING, "ddp_step", WRONG, "side_channels keeps_earlier_cases", most=1.0, slow=True),
    *_rows(_FORGING, "ddp_step", WRONG, "no_communication guesses_the_others store_of_its_own", most=1.0, slow=True),
    *_rows(_FORGING, "ddp_step", WRONG_OR_RAISED, "empties_the_job", slow=True),
    # It is right where there is one rank: the task `alone`.
    *_rows(_FORGING, "tensor_parallel_linear", WRONG, "keeps_the_whole", most=1.0),
    # Costly answers: what a guest sends costs the judge no more than a share
    *_rows(_COSTS, "f1_auc", RAISED, "set_of_equal_hashes exceptions_with_odd_fields"),
    *_rows(_COSTS, "f1_auc", WRONG | MEMORY, "answers_of_250_mb answers_that_halve"),
    *_rows(_COSTS, "f1_auc", WRONG, "arrays_of_many_dimensions"),
    # Values
    *_rows(_VALUES, "f1_auc", WRONG, "equal_to_everything lying_float nan_as_a_wildcard"),
    *_rows(_VALUES, "f1_auc", WRONG, "enormous_repr counts_the_cases"),
    *_rows(_VALUES, "f1_auc", WRONG, "numbers_of_other_kinds returns_the_inputs hard_coded_public_answers"),
    # It does check its arguments, and knows the sizes of the few cases that ask for more: the task `contract`, 1 point.
    *_rows(_VALUES, "f1_auc", WRONG, "rewrites_the_inputs", most=1.0),
    *_rows(_VALUES, "smote", WRONG, "lying_int_and_str lying_array overrides_on_the_instance empty_arrays"),
    *_rows(_VALUES, "smote", WRONG, "arrays_without_dimensions lower_precision object_arrays odd_strides"),
    *_rows(_VALUES, "smote", WRONG, "rewrites_the_inputs uninitialised_memory reseeds_everything"),
    *_rows(_VALUES, "smote", WRONG, "shape_that_lies"),
    *_rows(_VALUES, "smote", WRONG_OR_RAISED, "raising_attributes endless_iterators contains_itself"),
    *_rows(_VALUES, "smote", MEMORY, "memory_in_the_answer", limits="small"),
    *_rows(_VALUES, "laplace_mechanism", WRONG, "infinities broadcasting_shapes rewrites_the_inputs"),
    # All but the shape of an array's noise, and all but noise that is new, is right.
    *_rows(_VALUES, "laplace_mechanism", WRONG, "stratified", most=8.0),
    *_rows(_VALUES, "laplace_mechanism", WRONG, "one_sample_for_all", most=9.0),
    *_rows(_VALUES, "laplace_mechanism", WRONG | LATE, "long_ranges lying_interface", limits="small"),
    *_rows(_VALUES, "laplace_mechanism", WRONG | LATE | MEMORY, "endless_sequence", limits="small"),
    *_rows(_VALUES, "laplace_mechanism", WRONG | MEMORY, "terabytes_of_nothing"),
    # Refusing an indivisible width and the state are right: the task `construction` asks for more.
    *_rows(_VALUES, "multi_head_attention", WRONG_OR_RAISED, "zeroes_the_callers_state writes_gradients_itself"),
    # It refuses bad arguments and counts rows right: the tasks `arguments` and `counts`.
    *_rows(_VALUES, "smote", WRONG, "moves_the_rows_away", most=3.0),
    *_rows(_VALUES, "laplace_mechanism", WRONG_OR_RAISED, "advances_to_a_chosen_state"),
    *_rows(_READING, "early_stopping", WRONG_OR_RAISED, "reads_the_script_ahead"),
    *_rows(_VALUES, "multi_head_attention", WRONG_OR_RAISED, "lying_tensors zeros_with_gradients rewrites_the_inputs"),
    *_rows(_VALUES, "multi_head_attention", ANY_FAILURE, "odd_tensors hooks_on_backward"),
    # Forbidden shortcuts
    *_rows(_SHORTCUTS, "f1_auc", RAISED, "sklearn_plainly sklearn_by_alias sklearn_by_importlib", policy="forbidden"),
    *_rows(_SHORTCUTS, "f1_auc", RAISED, "sklearn_by_concatenation sklearn_by_star scipy_ranks", policy="forbidden"),
    *_rows(_SHORTCUTS, "f1_auc", RAISED, "sklearn_at_run_time exec_of_hidden_source"),
    *_rows(_SHORTCUTS, "f1_auc", WRONG, "sibling_exercise"),
    *_rows(_SHORTCUTS, "smote", RAISED, "installs_a_package", policy="forbidden"),
    *_rows(_SHORTCUTS, "laplace_mechanism", RAISED, "scipy_by_getattr", policy="forbidden"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_plainly library_by_alias", policy="forbidden"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_getattr", policy="forbidden"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_private_binding", policy="forbidden"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_computed_name"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_torchscript library_by_reload"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_subclasses"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_from_the_collector library_by_operator_lookup"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_torch_ops", policy="forbidden"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_torch_ops_computed", policy="forbidden"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_math_kernel", policy="forbidden"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_its_source library_from_the_line_cache"),
    *_rows(_SHORTCUTS, "ring_attention", RAISED, "gathers_by_the_group gathers_by_the_backend"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_a_descendant library_by_another_file_name"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_vmap library_by_nested_tensors", policy="forbidden"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_taking_refusals_back", policy="forbidden"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_ctypes", policy="forbidden"),
    *_rows(_SHORTCUTS, "multi_head_attention", RAISED, "library_by_ctypes_from_the_collector"),
    *_rows(_SHORTCUTS, "scaled_dot_product", RAISED, "library_by_resolve_name"),
    *_rows(_SHORTCUTS, "rope", RAISED, "library_by_resolve_name"),
    *_rows(_SHORTCUTS, "affine_quantization", RAISED, "library_by_resolve_name"),
    *_rows(_SHORTCUTS, "adamw", RAISED, "library_by_its_inner_function"),
    *_rows(_SHORTCUTS, "batch_norm", RAISED, "library_by_decomposition", policy="forbidden"),
    *_rows(_SHORTCUTS, "rms_norm", RAISED, "library_by_decomposition", policy="forbidden"),
    # The rule for the width is its own: the task `width`.
    *_rows(_SHORTCUTS, "swiglu", RAISED, "library_by_decomposition", most=2.0, policy="forbidden"),
    *_rows(_SHORTCUTS, "chunked_cross_entropy", RAISED, "the_operator_below", policy="forbidden"),
    *_rows(_SHORTCUTS, "nested_cv", RAISED, "halving_by_its_own_module", policy="forbidden"),
    # A group of one needs nobody: the task `alone`.
    *_rows(_SHORTCUTS, "ring_all_reduce", RAISED, "collective_by_operator", most=1.0, policy="forbidden"),
    *_rows(_SHORTCUTS, "ring_all_reduce", RAISED, "collective_by_c10d_operator", most=1.0),
    *_rows(_SHORTCUTS, "tensor_parallel_linear", RAISED, "differentiable_collectives", most=1.0),
    *_rows(_SHORTCUTS, "ring_attention", RAISED, "collective_by_operator", most=2.0, policy="forbidden"),
    *_rows(_SHORTCUTS, "ddp_step", RAISED, "library_plainly", policy="forbidden", slow=True),
    *_rows(_SHORTCUTS, "ddp_step", RAISED_OR_LATE, "library_by_subclasses", limits="ranks", slow=True),
    # Timing and devices; the quadratic AUC behind the stopped clocks is right (3 points), it is only slow
    *_rows(_TIMING, "f1_auc", WRONG | LATE, "patched_clocks", limits="small", most=3.0),
    *_rows(_TIMING, "f1_auc", WRONG, "lazy_result"),
    *_rows(_TIMING, "smote", WRONG, "answers_late cache_by_address"),
    *_rows(_TIMING, "laplace_mechanism", WRONG, "detects_the_warm_up"),
    *_rows(_TIMING, "early_stopping", WRONG_OR_RAISED, "scans_device_memory"),
    # Host
    *_rows(_HOST, "f1_auc", OUT_OF_SOMETHING, "fork_bomb", limits="small"),
    *_rows(_HOST, "smote", OUT_OF_SOMETHING, "thread_bomb", limits="small"),
    *_rows(_HOST, "f1_auc", MEMORY, "memory_at_once memory_by_processes", limits="memory"),
    *_rows(_HOST, "f1_auc", RAISED, "memory_shared", limits="memory"),
    *_rows(_HOST, "f1_auc", ANY_FAILURE, "memory_shared_and_dropped", limits="memory", takes_at_most_mb=288),
    *_rows(_HOST, "f1_auc", ANY_FAILURE, "memory_of_dev_zero", limits="memory", takes_at_most_mb=288),
    *_rows(_HOST, "f1_auc", ANY_FAILURE, "memory_of_page_tables", limits="memory", takes_at_most_mb=288),
    *_rows(_HOST, "f1_auc", ANY_FAILURE, "memory_of_sockets", limits="memory", takes_at_most_mb=288),
    *_rows(_HOST, "f1_auc", ANY_FAILURE, "descriptors_in_flight leases_on_shared_files", limits="small", most=0.0),
    *_rows(_HOST, "smote", MEMORY | LATE, "memory_bit_by_bit", limits="small"),
    *_rows(_HOST, "f1_auc", WRONG | LATE, "fills_the_scratch_space", limits="small"),
    *_rows(_HOST, "smote", WRONG | LATE, "fills_the_inodes", limits="small"),
    *_rows(_HOST, "f1_auc", WRONG_OR_RAISED, "fills_the_descriptors"),
    *_rows(_HOST, "f1_auc", OUTPUT, "floods_the_output", limits="small"),
    *_rows(_HOST, "smote", OUTPUT, "floods_from_a_thread", limits="small"),
    *_rows(_HOST, "f1_auc", OUT_OF_SOMETHING, "recurses_deeply", limits="small"),
    *_rows(_HOST, "smote", OUT_OF_SOMETHING, "smashes_the_stack", limits="small"),
    *_rows(_HOST, "f1_auc", RAISED, "aborts"),
    *_rows(_HOST, "f1_auc", RAISED, "segfault", policy="forbidden", native=True),
    *_rows(_HOST, "smote", RAISED, "kills_itself"),
    *_rows(_HOST, "smote", RAISED, "illegal_instruction", policy="forbidden", native=True),
    *_rows(_HOST, "f1_auc", LATE, "loops_in_c regex_bomb stops_itself burns_time_on_import", limits="small"),
    *_rows(_HOST, "smote", LATE, "power_of_huge_integers ignores_signals", limits="small"),
    *_rows(_HOST, "f1_auc", LATE, "hides_its_cpu_time", limits="cpu", says="CPU", slow=True),
    *_rows(_HOST, "f1_auc", WRONG_OR_RAISED, "kills_everybody"),
    *_rows(_HOST, "f1_auc", WRONG_OR_RAISED, "escapes_by_system_calls", policy="forbidden", native=True),
    *_rows(_HOST, "smote", WRONG_OR_RAISED, "lowers_its_limits state_in_a_warm_worker"),
    *_rows(_HOST, "smote", WRONG_OR_RAISED, "attacks_siblings", policy="forbidden", native=True),
    *_rows(_HOST, "smote", WRONG | LATE | MEMORY, "archive_bombs", limits="small"),
    *_rows(_HOST, "multi_head_attention", ANY_FAILURE, "threads_of_torch", slow=True),
    *_rows(_HOST, "ddp_step", LATE, "ranks_that_hang", limits="ranks", slow=True),
    *_rows(_HOST, "ddp_step", LATE, "one_rank_never_comes", limits="ranks", slow=True, says="did not finish in time"),
    *_rows(_HOST, "ddp_step", RAISED, "one_rank_dies", limits="ranks", slow=True, says="rank 1: the code ended"),
    *_rows(_HOST, "ddp_step", WRONG_OR_RAISED, "ranks_that_kill", limits="ranks", slow=True),
    *_rows(_HOST, "ddp_step", ANY_FAILURE, "floods_the_loopback", limits="ranks", slow=True),
)  # fmt: skip
