"""A server of the installed package, at the usual ports of an address that this process reaches."""
import ctypes
import ssl

CLONE_NEWNET = 0x40000000


class Installed:
    smtp, submission, submissions, imap, imaps, pop3 = 25, 587, 465, 143, 993, 110

    def __init__(self, address="127.0.0.1"):
        self.address = address

    def trust(self):
        """Takes the certificate that it has made itself."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context


def enter_network(process):
    """This thread, and whatever it starts from now on, has the network of that process."""
    with open(f"/proc/{process}/ns/net") as network:
        if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"the network of process {process}")
