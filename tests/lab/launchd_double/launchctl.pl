#!/usr/bin/perl
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The client, as launchctl.py is one, for machines that have Perl: it starts in the two or three milliseconds that a
# Mac's launchctl takes, where Python takes ten and more. No module is used; each would be read and compiled anew.

my $path = delete $ENV{LAUNCHD_DOUBLE_SOCKET};
$path = "/var/run/launchd.sock" unless defined $path;
$SIG{INT} = sub { exit 130 };

# A word as JSON. Bytes that are no UTF-8 go as Python's surrogates stand for them.
sub quoted {
    my ($word) = @_;
    my $copy = $word;
    my $whole = utf8::decode($copy);
    $word =~ s/(["\\\x00-\x1f])/sprintf '\\u%04x', ord $1/ge;
    $word =~ s/([\x80-\xff])/sprintf '\\udc%02x', ord $1/ge unless $whole;
    return "\"$word\"";
}

sub unreachable {
    print STDERR "launchctl: no answer from launchd at $path: $_[0]\n";
    exit 138;
}

my $name = $path;
if (length $path >= 100) {
    # A socket address holds some hundred bytes; a descriptor of the directory is a short name for a long one.
    my ($directory, $base) = $path =~ m{^(.*)/([^/]*)$};
    open our $held, "<", $directory or unreachable($!);
    $name = "/proc/self/fd/" . fileno($held) . "/$base";
}
my $here = readlink "/proc/self/cwd";
$here = "/" unless defined $here && -d $here;
my $line;
socket($line, 1, 1, 0) && connect($line, pack("S a108", 1, $name)) or unreachable($!);
syswrite $line, sprintf "{\"framed\":true,\"argv\":[%s],\"cwd\":%s,\"tty\":%s,\"ssh\":%s}\n",
    join(",", map { quoted($_) } @ARGV), quoted($here), -t STDOUT ? "true" : "false",
    exists $ENV{SSH_CONNECTION} ? "true" : "false";
my $reply = "";
while (sysread $line, $reply, 65536, length $reply) { }
$reply =~ s/^(-?\d+) (\d+) (\d+) (\d+)\n// or unreachable("no answer");
my ($rc, $out, $err, $become) = ($1, $2, $3, $4);
$| = 1;
print STDOUT substr $reply, 0, $out if $out;
print STDERR substr $reply, $out, $err if $err;
if ($become) {
    my @command = split /\0/, substr($reply, $out + $err, $become), -1;
    exec { $command[0] } @command;
    print STDERR "$command[0]: $!\n";
    exit 127;
}
exit $rc;
