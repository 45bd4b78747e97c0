# SPDX-License-Identifier: Apache-2.0
"""SIGN_KEY=: U-Boot starts what the key signed and nothing else, whatever is in flash."""
import hashlib
import subprocess
from pathlib import Path

import pytest
from appliance import TOP, Appliance
from conftest import BUILD
from machine import Machine

TABLE = "tests/boot/bounded/table.dts"


def make_key(folder, name="dev", kind=("rsa:2048",)):
    folder.mkdir(exist_ok=True)
    subprocess.run(["openssl", "req", "-batch", "-new", "-newkey", *kind, "-nodes", "-x509", "-subj", f"/CN={name}",
                    "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt"], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_key(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def signed(keys):
    return Appliance(BUILD / "signed", TABLE, options=[f"SIGN_KEY={keys}"])


def figure(appliance, name):
    return int(dict(line.split("=", 1) for line in (appliance.build / "gen" / "figures").read_text().split())[name])


def boot(appliance, folder, fit=None, environment=None):
    """Console of the signed machine with another FIT or another environment in its flash."""
    flash = bytearray((appliance.build / "flash.img").read_bytes())
    if environment:
        (folder / "env.txt").write_text(environment)
        subprocess.run(["mkenvimage", "-s", str(figure(appliance, "FLASH_ENV_SIZE")), "-o", folder / "env",
                        folder / "env.txt"], check=True)
        env = (folder / "env").read_bytes()
        flash[:len(env)] = env
    if fit:
        at = figure(appliance, "FLASH_FIT_OFFSET")
        flash[at:at + len(fit)] = fit
    (folder / "flash.img").write_bytes(flash)

    def other_flash(words):
        return [word.replace(str(appliance.build / "flash.img"), str(folder / "flash.img")) for word in words]

    with Machine(appliance, folder, edit=other_flash) as machine:
        machine.go()
        assert machine.wait_exit() == 0
        return machine.console()


def assert_refused(console, message):
    assert message in console and "BOOT-FAILED" in console
    assert "mullion:" not in console and "Starting kernel" not in console


def test_signed_boots(signed, tmp_path):
    console = boot(signed, tmp_path)
    assert "sha256,rsa2048:dev+ OK" in console and "mullion: sealed" in console


def test_signature_covers_every_image(signed):
    def ask(*words):
        return subprocess.run(["fdtget", *words], check=True, capture_output=True, text=True).stdout.split()

    fit = str(signed.build / "appliance.itb")
    covered = ask(fit, "/configurations/conf/signature-1", "hashed-nodes")
    for image in ask("-l", fit, "/images"):
        assert {f"/images/{image}", f"/images/{image}/hash-1"} <= set(covered)
    assert {"/", "/configurations/conf"} <= set(covered)
    assert ask(str(signed.build / "u-boot.dtb"), "/signature/key-dev", "required") == ["conf"]


def hypervisor(appliance):
    return appliance.build / "mullion.bin", appliance.symbol("boot_main") - appliance.symbol("entry")


def partition_table(appliance):
    return appliance.build / "mullion.bin", appliance.symbol("streams_0") - appliance.symbol("entry")


def pd_image(appliance):
    return appliance.build / "pd" / "first-light.bin", 0x100


@pytest.mark.parametrize("hash_repaired", [False, True])
@pytest.mark.parametrize("part", [hypervisor, partition_table, pd_image])
def test_tampered_is_refused(signed, tmp_path, part, hash_repaired):
    """One byte of an image; with its hash in the FIT put right, the signature over the hashes is wrong."""
    file, offset = part(signed)
    image = file.read_bytes()
    tampered = bytearray(image)
    tampered[offset] ^= 1
    fit = (signed.build / "appliance.itb").read_bytes()
    assert fit.count(image) == 1
    fit = fit.replace(image, tampered)
    if hash_repaired:
        fit = fit.replace(hashlib.sha256(image).digest(), hashlib.sha256(tampered).digest())
    assert_refused(boot(signed, tmp_path, fit), "Failed to verify required signature 'key-dev'" if hash_repaired
                   else "Bad hash value for 'hash-1' hash node")


def test_unsigned_is_refused(signed, bounded, tmp_path):
    console = boot(signed, tmp_path, (bounded.build / "appliance.itb").read_bytes())
    assert_refused(console, "Failed to verify required signature 'key-dev'")


@pytest.mark.parametrize("name", ["dev", "other"])
def test_other_key_is_refused(signed, tmp_path, name):
    """Of the same name, and of one that U-Boot's tree does not have."""
    other = Appliance(BUILD / "signed-other", TABLE, options=[f"SIGN_KEY={make_key(tmp_path / 'other', name)}"])
    console = boot(signed, tmp_path, (other.build / "appliance.itb").read_bytes())
    assert_refused(console, "Failed to verify required signature 'key-dev'")


def test_environment_in_flash_is_not_read(signed, bounded, tmp_path):
    """Who writes flash writes the environment too: one that turns the checks off changes nothing."""
    environment = (bounded.build / "gen" / "u-boot.env.txt").read_text() + "verify=n\npreboot=echo FROM-FLASH\n"
    console = boot(signed, tmp_path, (bounded.build / "appliance.itb").read_bytes(), environment)
    assert_refused(console, "Failed to verify required signature 'key-dev'")
    assert "FROM-FLASH" not in console


def test_environment_in_flash_is_read_without_a_key(bounded, tmp_path):
    """So that the test above proves something."""
    environment = (bounded.build / "gen" / "u-boot.env.txt").read_text() + "preboot=echo FROM-FLASH\n"
    assert "FROM-FLASH" in boot(bounded, tmp_path, environment=environment)


def make(*words):
    return subprocess.run(["make", "-C", str(TOP), "--no-print-directory", *words], capture_output=True, text=True)


def test_same_key_same_bytes_and_none_unsigned(signed, keys, tmp_path):
    again = Appliance(tmp_path / "build", TABLE, options=[f"SIGN_KEY={keys}"])
    for name in ("appliance.itb", "u-boot.dtb"):
        assert (signed.build / name).read_bytes() == (again.build / name).read_bytes(), name
    assert [line.split()[0] for line in again.make("all").splitlines()] == ["SIZE", "STACK"]
    assert make(f"O={again.build}", f"TABLE={TABLE}").returncode == 0
    assert b"signature-1" not in (again.build / "appliance.itb").read_bytes()


def no_certificate(folder):
    (make_key(folder) / "dev.crt").unlink()


def certificate_of_another(folder):
    make_key(folder)
    (make_key(folder.parent / "another") / "dev.crt").replace(folder / "dev.crt")


@pytest.mark.parametrize("prepare, text", [
    (lambda folder: None, "no such folder"),
    (Path.mkdir, "no *.key in it"),
    (lambda folder: (make_key(folder), make_key(folder, "two")), "2 keys in it"),
    (no_certificate, "no certificate dev.crt beside dev.key"),
    (certificate_of_another, "dev.crt is not the certificate of dev.key"),
    (lambda folder: make_key(folder, "my.key"), "letters, digits, _ and - only"),
    (lambda folder: make_key(folder, kind=("rsa:1024",)), "needed an RSA key"),
    (lambda folder: make_key(folder, kind=("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")), "needed an RSA key"),
])
def test_wrong_key_folder(signed, tmp_path, prepare, text):
    prepare(tmp_path / "keys")
    result = make(f"O={signed.build}", f"TABLE={TABLE}", f"SIGN_KEY={tmp_path / 'keys'}")
    assert result.returncode != 0
    assert text in result.stdout + result.stderr
