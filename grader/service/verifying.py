"""Whether a signed verdict holds, given the public keys that a service publishes; and how it publishes them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from grader.model.service import SigningKey
from grader.model.text import Text
from grader.service.signing import ALGORITHM, canonical, key_id


def verify(document: Mapping[str, Any], keys: Mapping[str, SigningKey]) -> Text | None:
    """What is wrong with a signed document, given public keys by id; None where its signature holds."""
    signature = document.get("signature")
    if not isinstance(signature, Mapping):
        return Text(en="it carries no signature", zh="其中没有签名")
    if signature.get("algorithm") != ALGORITHM:
        return Text(en=f"it is signed with something else than {ALGORITHM}", zh=f"签名算法不是 {ALGORITHM}")
    key = keys.get(str(signature.get("key_id")))
    if key is None:
        name = repr(signature.get("key_id"))
        return Text(en=f"its key {name} is not among those given", zh=f"给出的公钥中没有它的密钥 {name}")
    try:
        value = base64.b64decode(str(signature.get("value")), validate=True)
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, canonical(document))
    except (InvalidSignature, ValueError):
        return Text(
            en="its signature does not hold: the document was changed, or the key is not the one that signed it",
            zh="签名与内容不符：内容被改过，或不是由该密钥签名",
        )
    return _fault_of_key(key, document.get("created"))


def _fault_of_key(key: SigningKey, created: Any) -> Text | None:
    """Why a key whose signature holds vouches for nothing made at `created`; None where it does."""
    if key.revoked is not None:
        at = key.revoked.isoformat()
        return Text(
            en=f"its key {key.key_id} was revoked at {at}, because somebody else may have it: "
            "ask the service for this verdict again",
            zh=f"密钥 {key.key_id} 已于 {at} 吊销，可能已落入他人之手；请向服务端重新索取该判定",
        )
    made = _moment(created)
    if key.until is not None and made is not None and made > key.until:
        until = key.until.isoformat()
        return Text(
            en=f"it was graded at {created}, when its key {key.key_id} was no longer in use (until {until})",
            zh=f"判题时间 {created} 晚于密钥 {key.key_id} 的停用时间 {until}",
        )
    return None


def published(keys: Iterable[SigningKey]) -> dict[str, Any]:
    """What a service publishes of its keys: those that sign, those that signed, those that were revoked."""
    return {
        "keys": [
            {
                "key_id": key.key_id,
                "algorithm": ALGORITHM,
                "public_key": base64.b64encode(key.public).decode("ascii"),
                "from": _told(key.begun),
                "until": _told(key.until),
                "revoked": _told(key.revoked),
            }
            for key in keys
        ]
    }


def read_keys(document: Mapping[str, Any]) -> dict[str, SigningKey]:
    """Public keys by id, of what a service publishes; raises ValueError, KeyError or TypeError where it is none."""
    keys = {}
    for entry in document["keys"]:
        public = base64.b64decode(entry["public_key"], validate=True)
        if key_id(public) != entry["key_id"]:
            raise ValueError("a key's id is not the digest of the key")
        begun, until, revoked = (_aware(entry.get(name)) for name in ("from", "until", "revoked"))
        keys[entry["key_id"]] = SigningKey(
            key_id=entry["key_id"], public=public, begun=begun, until=until, revoked=revoked
        )
    return keys


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def _aware(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time has no zone")
    return moment


def _moment(text: Any) -> datetime | None:
    """The time that a document tells; None where it tells none."""
    try:
        return _aware(text)
    except (TypeError, ValueError):
        return None
