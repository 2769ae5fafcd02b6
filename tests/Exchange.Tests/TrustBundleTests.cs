using Xunit;

namespace Exchange.Tests;

public sealed class TrustBundleTests : IDisposable
{
    private readonly TestNode _root = new("140000", "14");
    private readonly TestNode _city = new("140000.141000", "1410");
    private readonly TestNode _county = new("140000.141000.141022", "141022");
    private readonly TestNode _stranger = new("140000.141000.141022", "141022");
    private static readonly Digest Something = Digest.Of([1, 2, 3]);

    public void Dispose()
    {
        _root.Dispose();
        _city.Dispose();
        _county.Dispose();
        _stranger.Dispose();
    }

    [Fact]
    public void A_chain_of_certificates_up_to_the_pinned_root_is_believed()
    {
        var bundle = Bundle();
        Assert.Equal(["140000", "140000.141000", "140000.141000.141022"], bundle.Nodes.Select(n => n.Path));
        Assert.Null(bundle.Refuses(_county.Record.Path, _county.Sign("p", Something), "p", Something, TestNode.Now));
    }

    [Theory]
    [InlineData("141022", "140000.141000.141022")]
    [InlineData("141023", "140000.141000")]
    [InlineData("140100", "140000")]
    [InlineData("310104", null)]
    public void The_longest_prefix_names_the_node(string region, string? node) =>
        Assert.Equal(node, Bundle().Resolve(region)?.Path);

    [Fact]
    public void A_node_that_gets_its_own_record_takes_its_region_from_its_parent()
    {
        var before = TrustBundle.Build([Root, City], [_root.Fingerprint]);
        Assert.Equal("140000.141000", before.Resolve("141022")?.Path);
        Assert.Equal("140000.141000.141022", Bundle().Resolve("141022")?.Path);
    }

    [Fact]
    public void Without_the_right_pin_nothing_is_believed()
    {
        var bundle = TrustBundle.Build([Root, City, County], [_stranger.Fingerprint]);
        Assert.Empty(bundle.Nodes);
        Assert.Contains(bundle.Rejected, r => r is { Path: "140000", Code: ExchangeCodes.RootNotPinned });
    }

    [Fact]
    public void A_record_its_parent_did_not_certify_is_not_believed()
    {
        var forged = _stranger.Certify(_stranger.Record);
        var bundle = TrustBundle.Build([Root, City, forged], [_root.Fingerprint]);
        Assert.Contains(bundle.Rejected, r => r.Code == ExchangeCodes.NotCertified);
        Assert.Null(bundle.Find(forged.Path));
    }

    [Fact]
    public void A_changed_record_is_not_believed()
    {
        var bundle = TrustBundle.Build([Root, City with { Regions = ["14"] }], [_root.Fingerprint]);
        Assert.Contains(bundle.Rejected, r => r is { Path: "140000.141000", Code: ExchangeCodes.NotCertified });
    }

    [Fact]
    public void A_node_cannot_certify_a_region_that_is_not_its_own()
    {
        var greedy = _city.Certify(_county.Record with { Regions = ["310104"] });
        var bundle = TrustBundle.Build([Root, City, greedy], [_root.Fingerprint]);
        Assert.Contains(bundle.Rejected, r => r.Code == ExchangeCodes.RegionOutsideParent);
    }

    [Fact]
    public void A_forged_later_version_does_not_push_the_good_one_out()
    {
        var forged = _stranger.Certify(_county.Record with { Version = 99 });
        var bundle = TrustBundle.Build([Root, City, forged, County], [_root.Fingerprint]);
        Assert.Equal(1, bundle.Find(County.Path)?.Version);
    }

    [Fact]
    public void Every_reason_to_refuse_a_signer_has_its_code()
    {
        var (path, bundle) = (_county.Record.Path, Bundle());
        Assert.Equal(ExchangeCodes.UnknownNode,
            bundle.Refuses("140000.142000", _county.Sign("p", Something), "p", Something, TestNode.Now));
        Assert.Equal(ExchangeCodes.UnknownKey,
            bundle.Refuses(path, _stranger.Sign("p", Something), "p", Something, TestNode.Now));
        Assert.Equal(ExchangeCodes.KeyExpired,
            bundle.Refuses(path, _county.Sign("p", Something), "p", Something, TestNode.Now.AddYears(2)));
        Assert.Equal(ExchangeCodes.KeyExpired, bundle.Refuses(path,
            _county.Sign("p", Something, TestNode.Now.AddYears(-2)), "p", Something, TestNode.Now));
        Assert.Equal(ExchangeCodes.SignatureInvalid,
            bundle.Refuses(path, _county.Sign("other", Something), "p", Something, TestNode.Now));
        var posing = _stranger.Sign("p", Something) with { KeyId = _county.KeyId };
        Assert.Equal(ExchangeCodes.SignatureInvalid, bundle.Refuses(path, posing, "p", Something, TestNode.Now));
        var revoked = _city.Certify(_county.Record with { Revoked = true, Version = 2 });
        Assert.Equal(ExchangeCodes.NodeRevoked, TrustBundle.Build([Root, City, County, revoked], [_root.Fingerprint])
            .Refuses(path, _county.Sign("p", Something), "p", Something, TestNode.Now));
    }

    [Fact]
    public void A_signature_of_yesterday_stays_good_evidence_after_the_key_expired() => Assert.Null(
        Bundle().Refuses(_county.Record.Path, _county.Sign("p", Something), "p", Something, now: null));

    private NodeRecord Root => _root.Certify(_root.Record);
    private NodeRecord City => _root.Certify(_city.Record);
    private NodeRecord County => _city.Certify(_county.Record);
    private TrustBundle Bundle() => TrustBundle.Build([County, Root, City], [_root.Fingerprint]);
}
