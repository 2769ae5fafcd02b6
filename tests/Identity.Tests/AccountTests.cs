using CsCheck;

namespace Identity.Tests;

/// <summary>Rules of accounts, over chance histories and at their edges.</summary>
public sealed class AccountTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Code = [1, 2, 3];

    internal static Account Fresh(Guid? id = null, AccountStatus status = AccountStatus.Invited) => new()
    {
        Id = id ?? Guid.Parse("00000000-0000-0000-0000-000000000001"),
        UserName = "clerk",
        Name = "演示",
        Path = "140000/141000/",
        Status = status,
        CodeHash = status == AccountStatus.Invited ? Code : null,
        CodeUntil = status == AccountStatus.Invited ? Now.AddDays(7) : null,
        CreatedAt = Now,
    };

    [Fact]
    public void Whatever_is_asked_in_whatever_order_a_code_is_spent_once_and_closed_stays_closed()
    {
        var commands = Gen.Int[0, 4].Array[1, 30];
        Gen.Select(commands, Gen.Int[0, 10].Array[30]).Sample((steps, days) =>
        {
            Account? account = Fresh();
            var (now, codes, spent) = (Now, new List<byte[]> { Code }, new HashSet<string>());
            for (var i = 0; i < steps.Length; i++)
            {
                now = now.AddDays(days[i]);
                var next = new OneTimeCode([(byte)i, 9], now.AddDays(7));
                var before = account!;
                var decision = steps[i] switch
                {
                    0 => AccountDecider.IssueCode(account, next),
                    1 => AccountDecider.Reset(account, next, Guid.Empty),
                    2 => AccountDecider.Activate(account, codes[^1], now),
                    3 => AccountDecider.Activate(account, codes[0], now),
                    _ when i % 5 == 0 => AccountDecider.Close(account, Guid.Empty, now),
                    _ => AccountDecider.Move(account, $"140000/{i}/"),
                };
                foreach (var e in decision.Events)
                {
                    account = AccountDecider.Evolve(account, e);
                    if (e is CodeIssued c) codes.Add(c.Hash);
                    if (e is AccountReset r) codes.Add(r.Hash);
                    if (e is AccountActivated)
                    {
                        Assert.True(spent.Add(Convert.ToHexString(before.CodeHash!)));
                        Assert.True(now < before.CodeUntil);
                    }
                }
                Assert.True(before.Status != AccountStatus.Closed || account!.Status == AccountStatus.Closed);
                Assert.Equal(account!.Status == AccountStatus.Invited, account.CodeHash is not null);
            }
        });
    }

    [Fact]
    public void A_code_fits_until_the_instant_it_ends()
    {
        Assert.Null(AccountDecider.Activate(Fresh(), Code, Now.AddDays(7).AddTicks(-1)).Problem);
        Assert.Equal("ACTIVATION_REFUSED", AccountDecider.Activate(Fresh(), Code, Now.AddDays(7)).Problem?.Code);
        Assert.Equal("ACTIVATION_REFUSED", AccountDecider.Activate(Fresh(), [1, 2], Now).Problem?.Code);
        Assert.Equal("ACTIVATION_REFUSED", AccountDecider.Activate(null, Code, Now).Problem?.Code);
        Assert.Equal("ACTIVATION_REFUSED",
            AccountDecider.Activate(Fresh(status: AccountStatus.Active), Code, Now).Problem?.Code);
    }

    [Fact]
    public void Obstacles_come_in_the_order_of_the_contract()
    {
        var (active, closed) = (Fresh(status: AccountStatus.Active), Fresh(status: AccountStatus.Closed));
        var code = new OneTimeCode(Code, Now);
        Assert.Equal("ACCOUNT_USER_NAME_TAKEN", AccountDecider.Create(null, active, true, true).Problem?.Code);
        Assert.Equal("ACCOUNT_MEMBER_HAS_ONE", AccountDecider.Create(null, active, false, true).Problem?.Code);
        Assert.Empty(AccountDecider.Create(active, active, true, true).Events);
        Assert.Equal(AccountStatus.Invited,
            Assert.IsType<AccountCreated>(Assert.Single(AccountDecider.Create(null, active, false, false).Events))
                .Account.Status);
        Assert.Equal("ACCOUNT_NOT_FOUND", AccountDecider.IssueCode(null, code).Problem?.Code);
        Assert.Equal("ACCOUNT_CLOSED", AccountDecider.IssueCode(closed, code).Problem?.Code);
        Assert.Equal("ACCOUNT_ACTIVE", AccountDecider.IssueCode(active, code).Problem?.Code);
        Assert.Equal("ACCOUNT_NOT_FOUND", AccountDecider.Reset(null, code, Guid.Empty).Problem?.Code);
        Assert.Equal("ACCOUNT_CLOSED", AccountDecider.Reset(closed, code, closed.Id).Problem?.Code);
        Assert.Equal("ACCOUNT_OWN", AccountDecider.Reset(active, code, active.Id).Problem?.Code);
        Assert.Equal("ACCOUNT_NOT_FOUND", AccountDecider.Close(null, Guid.Empty, Now).Problem?.Code);
        Assert.Equal("ACCOUNT_CLOSED", AccountDecider.Close(closed, closed.Id, Now).Problem?.Code);
        Assert.Equal("ACCOUNT_OWN", AccountDecider.Close(active, active.Id, Now).Problem?.Code);
        Assert.Equal("ACCOUNT_NOT_FOUND", AccountDecider.Move(null, "1/").Problem?.Code);
        Assert.Equal("ACCOUNT_CLOSED", AccountDecider.Move(closed, "1/").Problem?.Code);
        Assert.Empty(AccountDecider.Move(active, active.Path).Events);
    }

    [Theory]
    [InlineData("clerk-141022", true)]
    [InlineData("a.b", true)]
    [InlineData("ab", false)]
    [InlineData("1ab", false)]
    [InlineData("Abc", false)]
    [InlineData("a b", false)]
    [InlineData("王小明", false)]
    [InlineData(null, false)]
    public void User_names_are_plain(string? name, bool holds) => Assert.Equal(holds, AccountDecider.IsUserName(name));
}
