# Mail::DKIM for test_dkim_peers.py, many messages in one process; Perl takes its time to start.
#   mail_dkim.pl sign KEYFILE [FORM MESSAGEFILE]…    the DKIM-Signature fields, each between NULs
#   mail_dkim.pl verify ZONEFILE MESSAGEFILE…        a line of results for each message
use strict;
use warnings;

use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;
use Net::DNS;

my ($command, $file, @rest) = @ARGV;

sub octets_of {
    my ($path) = @_;
    open my $handle, '<:raw', $path or die "$path: $!";
    local $/;
    return scalar <$handle>;
}

if ($command eq 'sign') {
    while (my ($form, $path) = splice @rest, 0, 2) {
        my $signer = Mail::DKIM::Signer->new(
            Algorithm => 'rsa-sha256', Method => $form, Domain => 'a.test', Selector => 'r', KeyFile => $file);
        $signer->PRINT(octets_of($path));
        $signer->CLOSE;
        print $signer->signature->as_string, "\0";
    }
} else {
    my %zone = map { /^(\S+) (.*)$/ ? ($1, $2) : () } split /\n/, octets_of($file);
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub {
        my ($name) = @_;
        return $zone{$name} ? Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => $zone{$name}) : ();
    };
    for my $path (@rest) {
        my $verifier = Mail::DKIM::Verifier->new;
        $verifier->PRINT(octets_of($path));
        $verifier->CLOSE;
        print join(' ', map { $_->result } $verifier->signatures), "\n";
    }
}
