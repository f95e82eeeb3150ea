"""Why a returned archive may be refused, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text


class Fault(Exception):
    """A reason to refuse, on its way to the caller: one of `REASONS`, its placeholders filled from `fields`."""

    def __init__(self, reason: str, **fields: object) -> None:
        self.reason = REASONS[reason].filled(**fields)
        super().__init__(self.reason.en)


REASONS: Mapping[str, Text] = {
    "link": Text(en="it is a symbolic link; hand in the file itself", zh="这是符号链接；请提交文件本身"),
    "not_a_file": Text(en="it is not a plain file; hand in a zip", zh="这不是普通文件；请提交 zip 文件"),
    "too_large": Text(
        en="it is larger than {limit} MiB; send only the bundle's files", zh="超过 {limit} MiB；请只提交试题包里的文件"
    ),
    "too_many": Text(
        en="it has more than {limit} members; send only the bundle's files",
        zh="包含超过 {limit} 个成员；请只提交试题包里的文件",
    ),
    "bomb": Text(en="it unpacks to far more than it should (a zip bomb)", zh="解压后体积远超正常范围（疑似压缩炸弹）"),
    "name": Text(
        en="the member '{name}' has a name that leads outside its folder or is otherwise unsafe",
        zh="成员“{name}”的名称指向目录之外，或在其他方面不安全",
    ),
    "special": Text(
        en="'{name}' is a link or a special file; send plain files", zh="“{name}”是链接或特殊文件；请只提交普通文件"
    ),
    "encrypted": Text(en="it is encrypted; pack it again without a password", zh="压缩包已加密；请去掉密码后重新打包"),
    "packing": Text(
        en="'{name}' is packed in an unusual way; pack it again as a plain zip",
        zh="“{name}”使用了不常见的压缩方式；请用普通 zip 重新打包",
    ),
    "twins": Text(
        en="two members are called '{name}' (or differ only in case)", zh="有两个成员名为“{name}”（或仅大小写不同）"
    ),
    "overlap": Text(en="its members overlap (a zip bomb)", zh="成员数据相互重叠（疑似压缩炸弹）"),
    "damaged": Text(en="it is not a zip that can be read; pack it again", zh="不是可读取的 zip 文件；请重新打包"),
    "file_too_large": Text(en="'{name}' is larger than {limit} KiB", zh="“{name}”超过 {limit} KiB"),
    "nothing": Text(
        en="it holds none of the files that were asked for ({names}, …)", zh="其中没有任何要求提交的文件（{names} 等）"
    ),
    "several": Text(
        en="it holds more than one set of answers ({roots}); send one", zh="包含多份答卷（{roots}）；请只提交一份"
    ),
}
