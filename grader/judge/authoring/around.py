"""Claims about what a call leaves behind: the same result again, and a world as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.guest.world import watched
from grader.judge.authoring.claims import claiming, fail
from grader.judge.comparison import assert_close
from grader.judge.handle import Handle
from grader.judge.last_call import call_in_words, name_of, note_call
from grader.model.text import Text

_AGAIN = Text(en="the same call gave another result the second time", zh="同样的调用，第二次给出了不同的结果")
_LEFT = Text(
    en="{call} changed {what} and did not put it back",
    zh="{call} 改动了{what}，且没有恢复",
)
_CHINESE = {
    "random": "标准库 random 的全局状态",
    "numpy.random": " numpy 的全局随机状态",
    "torch.default_generator": " torch 的全局随机状态",
    "torch.cuda": " torch 在 GPU 上的全局随机状态",
    "numpy.seterr": " numpy 的浮点错误处理方式",
    "numpy.set_printoptions": " numpy 的打印选项",
    "grad mode": " torch 的梯度模式",
    "anomaly mode": " torch 的异常检测模式",
    "default dtype": " torch 的默认 dtype",
    "deterministic algorithms": " torch 的确定性算法开关",
    "number of threads": " torch 的线程数",
    "training mode": "模块的 training 状态",
    "requires_grad": "参数的 requires_grad",
}
_ENGLISH = {
    "random": "the global state of random",
    "numpy.random": "numpy's global random state",
    "torch.default_generator": "torch's global random state",
    "torch.cuda": "torch's global random state on the GPU",
    "numpy.seterr": "numpy's handling of floating-point errors",
    "numpy.set_printoptions": "numpy's print options",
    "grad mode": "torch's grad mode",
    "anomaly mode": "torch's anomaly mode",
    "default dtype": "torch's default dtype",
    "deterministic algorithms": "torch's choice of deterministic algorithms",
    "number of threads": "torch's number of threads",
    "training mode": "the training mode of a module",
    "requires_grad": "requires_grad of a parameter",
}


def assert_same_again(call: Callable[[], Any], seed_candidate: Callable[[int], None] | None = None) -> Any:
    """The result of `call()`; raise `Mismatch` unless a second `call()` gives the same to the bit (NaN equals NaN).

    `call` hands over fresh copies each time: a generator that is passed plainly starts from the same state. With the
    fixture `seed_candidate`, the global generators of the guest are seeded differently before either call, so that
    a result that depends on them differs. No false alarm.

        noise = assert_same_again(lambda: candidate.noise(8, generator), seed_candidate)
    """
    __tracebackhide__ = True
    if seed_candidate is not None:
        seed_candidate(1)
    first = call()
    if seed_candidate is not None:
        seed_candidate(2)
    with claiming(_AGAIN):
        assert_close(call(), first, rtol=0.0, atol=0.0)
    return first


def assert_leaves_no_state(call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """The result of `call(*args, **kwargs)`; raise `Mismatch` if it changed the world around it.

    `call` is a function, class, method or module of the candidate's (a handle). Looked at, in the guest and within the
    same request: the global generators of random, numpy and torch, numpy's error handling and print options, torch's
    grad and anomaly modes, default dtype, choice of deterministic algorithms and number of threads; and, of `call` and
    of modules among the arguments, training mode and each parameter's requires_grad. No false alarm. Watch the first
    call: a mode that an earlier one left is left again unseen. (The global generators are advanced ahead, and numpy's
    error handling is set to what numpy starts with, so that setting them shows every time.) A hostile guest can keep
    silent, so give such a claim few points.

        assert_leaves_no_state(candidate.evaluate, model, x)
    """
    __tracebackhide__ = True
    note_call(call, args, kwargs)
    result, changed = _watched(call, args, kwargs)
    if changed:
        english, chinese = (_joined(changed, words, mark) for words, mark in ((_ENGLISH, ", "), (_CHINESE, "、")))
        what = Text(en=english, zh=chinese)
        words = call_in_words(call, args, kwargs)
        fail(_LEFT.filled(call=words, what=what), expected="as it was before the call", actual="changed")
    return result


def _watched(call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, list[str]]:
    if not isinstance(call, Handle):
        result, changed = watched(call, *args, **kwargs)
        return result, changed
    answer = call._ask("watched", *args, **kwargs)
    if type(answer) is not list or len(answer) != 2 or type(answer[1]) is not list:
        raise call._link.violation(f"what {name_of(call)} changed did not come as such")
    return answer[0], [name for name in answer[1] if type(name) is str and name in _ENGLISH]


def _joined(names: list[str], words: dict[str, str], mark: str) -> str:
    return mark.join(words[name] for name in names)
