# Mail::DKIM for test_dkim_peers.py and test_arc_peers.py, many messages in one process; Perl takes its time to start.
#   mail_dkim.pl sign KEYFILE [FORM MESSAGEFILE]…    the DKIM-Signature fields, each between NULs
#   mail_dkim.pl verify ZONEFILE MESSAGEFILE…        a line of results for each message
#   mail_dkim.pl seal KEYFILE STATUS MESSAGEFILE…    the fields of one more set for each message, each between NULs
#   mail_dkim.pl validate ZONEFILE MESSAGEFILE…      a line with the status of each message's chain
use strict;
use warnings;

use Mail::DKIM::ARC::Signer;
use Mail::DKIM::ARC::Verifier;
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
} elsif ($command eq 'seal') {
    my $status = shift @rest;
    for my $path (@rest) {
        my $signer = Mail::DKIM::ARC::Signer->new(
            Algorithm => 'rsa-sha256', Chain => $status, Domain => 'a.test', SrvId => 'mx.a.test', Selector => 'r',
            KeyFile => $file);
        $signer->PRINT(octets_of($path));
        $signer->CLOSE;
        die $signer->{details} if $signer->result ne 'sealed';
        print $signer->as_string, "\0";
    }
} else {
    my $class = $command eq 'verify' ? 'Mail::DKIM::Verifier' : 'Mail::DKIM::ARC::Verifier';
    my %zone = map { /^(\S+) (.*)$/ ? ($1, $2) : () } split /\n/, octets_of($file);
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub {
        my ($name) = @_;
        return $zone{$name} ? Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => $zone{$name}) : ();
    };
    for my $path (@rest) {
        my $verifier = $class->new;
        $verifier->PRINT(octets_of($path));
        $verifier->CLOSE;
        my @results = $command eq 'verify' ? map { $_->result } $verifier->signatures : $verifier->result;
        print "@results\n";
    }
}
