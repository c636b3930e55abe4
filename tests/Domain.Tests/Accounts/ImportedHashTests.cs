using SaaS.Domain.Accounts.PasswordHashes;
using SaaS.Domain.Common;
using Xunit;

namespace SaaS.Domain.Tests.Accounts;

/// <summary>Hashes that other programs made of one password: doveadm pw (Dovecot 2.3), mkpasswd (whois), python3-passlib and python3-argon2.</summary>
public sealed class ImportedHashTests
{
    private const string Password = "Grüße, Welt 1";

    public static TheoryData<string> Strong =>
    [
        "{SSHA}w9xekOWTxYHiPm23UUSxprP1NzUG7ylz",
        "{SSHA.HEX}a4e25b6b0be31bc68449d5dbbf473802cba54252a92f0e20",
        "{SSHA256}aWAoPnIm8aQoLDcaoqyRkJYBcnXtts3XCeyVzTqoE+T77ax5",
        "{SSHA512}GvfS2U0JBdpR7a2B+1WMS1dcSTz4VDujkqOM97qDhzPO7n1uw8hQp/+arSzFrc4qIso0P6i/yYhAmfUn/cOvzG1cWqc=",
        "{PBKDF2}$1$QHcGHNMz.Jm7dnsX$5000$6f774c965a8625e34ad142e83b4c523a1655b75f",
        "{BLF-CRYPT}$2y$05$aCUsGRHNwPgrc/TPft/12OlPBR32wl1ap2XM1ZWQonMUB37E0s5JW",
        "{CRYPT}$2y$05$W9UpW9N/rBtcoDrTnLKvPeBdmyEMSsjf7sD1Q/MtJ4hdfLGjf7rcS",
        "{SHA256-CRYPT}$5$Qbpq1aL4brlLB0ni$DZ6cnqD.VCUOeHTV5ylxUxipLLRjKFtkwLieFGrl/i4",
        "{SHA512-CRYPT}$6$ms7mj9ILVlLidA6w$KMe7kCqsNKlutWwODMqRYmmhEyH7OvREXfWXVn51ut0YN.NaeD8ONUcWX4OpnCWVHdFPwmjRXlFqxFWXGcpjv0",
        "{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$KkQlaKTdTmPTnoIE1RWGXQ$sM+WSMr1M2mqOq7E8uvdeZX9OtSg4lnj1m1fDIhRvjA",
        "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$BWf3PZBcwF4TCmjUSfQKTw$dUkV8DZ7DBx8HQxXitsShhgG3tVG3DXajlic9AFu8mA",
        "$2b$05$/SYpN/QDhl4M4UAmkuFbcO9tAiEYRVb0MPOqhv8SoqVU6udLZxlWC",
        "$5$gWmpoZzCBaC8jZCg$KA1zFM35zaOlPqR8FQcV2JmD0MjLruXuh0.T0fyGBv/",
        "$6$fdaB8QaV92JRLF.a$K8yyymGVgPjV2FNrx9p6wNy.261zgAtoQSAyXAFeR2A7jFBVeAFELpseD7F7qsilTZCJWI1yH8C6Rwfzm9Md20",
        "$6$rounds=20000$/0Bkbwl3A3tr9lgP$Ga/UO9NiIPP3axjbXP0qa.vF0FGerp2Gi7rur2t1LvFy84cmq31CErkASw/8NTJZMqgUT4Q5h0yBLHgmWOCM61",
        "$pbkdf2$131000$V0rJGcMYg/C.l3LOmTNm7A$0.O2UCeaieUgRqsmDjt1HGpi6Ho",
        "$pbkdf2-sha256$29000$19q7lzJGCAEgpPSecw5BKA$LdxajELX99qUfcA9uEcAExOxgcJcLUHHZxLZOjeKgqI",
        "$pbkdf2-sha512$25000$O2dMae0953wvZezd29tbyw$eUUUvGxrrnaa2SsCyk1sDynMruEoDeW.FeWGSFLdDQdXRPBXFcePjyczUqFmZ/FexogIz.bniOmFzBaet0ngZg",
        "$argon2id$v=19$m=102400,t=2,p=8$HvsgBNo/C+rK6kMAPM9nww$wUmgwaZAfIuZNO4zjOJG2A",
    ];

    public static TheoryData<string> Weak =>
    [
        "{MD5-CRYPT}$1$bKF924tI$3/5eQdJ.VzF6J5dSnBgdU0",
        "$1$y1ZuOLi/$p7AM0xE7d0tCA1bc.2fkZ/",
        "{DES-CRYPT}tjIu63V4/N.hI",
        "{CRYPT}UFWxUDWQp9wf6",
        "{SHA}Tf47cwn3K9IrfhCvLJBTxVv2EDI=",
    ];

    [Theory]
    [MemberData(nameof(Strong))]
    public void A_hash_that_another_program_made_verifies(string hash)
    {
        var stored = ImportedHash.Read(hash, acceptWeak: false);

        Assert.True(stored.Ok, stored.Refusal?.Text);
        Assert.True(ImportedHash.IsForm(stored.Value));
        Assert.True(ImportedHash.Verify(stored.Value, Password));
        Assert.False(ImportedHash.Verify(stored.Value, Password + "x"));
        Assert.False(ImportedHash.Verify(stored.Value, ""));
    }

    [Theory]
    [MemberData(nameof(Weak))]
    public void A_weak_one_needs_the_setting(string hash)
    {
        Assert.Equal(RefusalReason.Invalid, ImportedHash.Read(hash, acceptWeak: false).Refusal?.Reason);
        var stored = ImportedHash.Read(hash, acceptWeak: true).Value!;
        Assert.True(ImportedHash.Verify(stored, Password));
        Assert.False(ImportedHash.Verify(stored, "other"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("{PLAIN}secret")]
    [InlineData("{CRAM-MD5}9186d855e11eba527a7a52ca82b313e180d62234f0acc9051b527243d41e2740")]
    [InlineData("{SSHA}not base64")]
    [InlineData("{SSHA}Tf47cwn3K9IrfhCvLJBTxVv2EDI=")] // no salt
    [InlineData("$2b$05$short")]
    [InlineData("$6$saltsaltsaltsaltsalt$x")]
    [InlineData("$6$rounds=10$salt$K8yyymGVgPjV2FNrx9p6wNy.261zgAtoQSAyXAFeR2A7jFBVeAFELpseD7F7qsilTZCJWI1yH8C6Rwfzm9Md20")]
    [InlineData("$argon2id$v=19$m=65536,t=3$salt$hash")]
    [InlineData("$pbkdf2-sha256$0$19q7lzJGCAEgpPSecw5BKA$LdxajELX99qUfcA9uEcAExOxgcJcLUHHZxLZOjeKgqI")]
    [InlineData("$argon2d$v=19$m=65536,t=3,p=1$BWf3PZBcwF4TCmjUSfQKTw$dUkV8DZ7DBx8HQxXitsShhgG3tVG3DXajlic9AFu8mA")]
    public void What_is_no_hash_is_refused(string text) => Assert.Equal(RefusalReason.Invalid, ImportedHash.Read(text, acceptWeak: true).Refusal?.Reason);

    [Theory]
    [InlineData("$2b$15$/SYpN/QDhl4M4UAmkuFbcO9tAiEYRVb0MPOqhv8SoqVU6udLZxlWC")]
    [InlineData("$6$rounds=500001$/0Bkbwl3A3tr9lgP$Ga/UO9NiIPP3axjbXP0qa.vF0FGerp2Gi7rur2t1LvFy84cmq31CErkASw/8NTJZMqgUT4Q5h0yBLHgmWOCM61")]
    [InlineData("$pbkdf2-sha256$1500001$19q7lzJGCAEgpPSecw5BKA$LdxajELX99qUfcA9uEcAExOxgcJcLUHHZxLZOjeKgqI")]
    [InlineData("$argon2id$v=19$m=131073,t=1,p=1$BWf3PZBcwF4TCmjUSfQKTw$dUkV8DZ7DBx8HQxXitsShhgG3tVG3DXajlic9AFu8mA")]
    [InlineData("$argon2id$v=19$m=65536,t=17,p=1$BWf3PZBcwF4TCmjUSfQKTw$dUkV8DZ7DBx8HQxXitsShhgG3tVG3DXajlic9AFu8mA")]
    public void What_costs_too_much_to_check_is_refused(string hash) =>
        Assert.Equal("To check this hash would cost too much.", ImportedHash.Read(hash, acceptWeak: true).Refusal?.Text);
}
