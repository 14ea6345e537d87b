using System.Net;
using GpuStack.Modeling.Fetching;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Fetching;

/// <summary>The pure parts: ranges, retries, names, lines.</summary>
public sealed class FetchDecisionTests
{
    private static readonly FetchFile Hub = new("m.gguf", 100) { Sha256 = new string('a', 64), AtCommit = true };
    private static readonly FetchFile Web = new("m.gguf", 100) { EntityTag = "\"v1\"" };

    [Theory]
    [InlineData(0, 200, null, null, 100L, RangeVerdict.Append)]
    [InlineData(0, 200, null, null, null, RangeVerdict.Append)]
    [InlineData(40, 200, null, null, 100L, RangeVerdict.FromStart)]
    [InlineData(40, 200, null, null, 99L, RangeVerdict.OtherVersion)]
    [InlineData(40, 206, 40L, 100L, 60L, RangeVerdict.Append)]
    [InlineData(40, 206, 40L, null, 60L, RangeVerdict.Append)]
    [InlineData(40, 206, 39L, 100L, 61L, RangeVerdict.Refused)]
    [InlineData(40, 206, null, null, 60L, RangeVerdict.Refused)]
    [InlineData(40, 206, 40L, 120L, 80L, RangeVerdict.OtherVersion)]
    [InlineData(40, 416, null, 100L, 0L, RangeVerdict.Refused)]
    [InlineData(40, 416, null, 30L, 0L, RangeVerdict.OtherVersion)]
    internal void An_answer_is_judged_by_its_head(long offset, int status, long? from, long? total, long? length, RangeVerdict verdict)
    {
        Assert.Equal(verdict, RangeDecision.Judge(Hub, offset, new RangeAnswer((HttpStatusCode)status, from, total, length, null)));
        Assert.Equal(verdict, RangeDecision.Judge(Web, offset, new RangeAnswer((HttpStatusCode)status, from, total, length, "\"v1\"")));
        Assert.Equal(RangeVerdict.OtherVersion, RangeDecision.Judge(Web, offset, new RangeAnswer((HttpStatusCode)status, from, total, length, "\"v2\"")));
    }

    [Fact]
    public void Bytes_stay_only_when_they_are_of_the_same_version()
    {
        Assert.Equal(60, RangeDecision.Keep(Hub, PartialState.Of(Hub), 60));
        Assert.Equal(100, RangeDecision.Keep(Hub, PartialState.Of(Hub), 100));
        Assert.Equal(0, RangeDecision.Keep(Hub, PartialState.Of(Hub), 101));
        Assert.Equal(0, RangeDecision.Keep(Hub, null, 60));
        Assert.Equal(0, RangeDecision.Keep(Web with { EntityTag = "\"v2\"" }, PartialState.Of(Web), 60));
        var unknown = new FetchFile("m.gguf", 100);
        Assert.Equal(0, RangeDecision.Keep(unknown, PartialState.Of(unknown), 60));
    }

    /// <summary>At the first of two endpoints, and at the last one.</summary>
    [Theory]
    [InlineData(0, 0, 0, FailureKind.Passing, false, null, RetryAction.Again, 1)]
    [InlineData(0, 1, 0, FailureKind.Passing, false, null, RetryAction.NextEndpoint, 0)]
    [InlineData(0, 1, 0, FailureKind.Passing, true, null, RetryAction.Again, 1)]
    [InlineData(0, 0, 0, FailureKind.Refused, true, null, RetryAction.NextEndpoint, 0)]
    [InlineData(0, 0, 0, FailureKind.WrongContent, true, null, RetryAction.Again, 0)]
    [InlineData(0, 0, 1, FailureKind.WrongContent, true, null, RetryAction.NextEndpoint, 0)]
    [InlineData(1, 0, 0, FailureKind.Passing, false, null, RetryAction.Again, 1)]
    [InlineData(1, 3, 0, FailureKind.Passing, false, null, RetryAction.Again, 8)]
    [InlineData(1, 5, 0, FailureKind.Passing, false, null, RetryAction.Again, 30)]
    [InlineData(1, 8, 0, FailureKind.Passing, false, 77, RetryAction.Again, 77)]
    [InlineData(1, 8, 0, FailureKind.Passing, false, 601, RetryAction.GiveUp, 0)]
    [InlineData(1, 9, 0, FailureKind.Passing, false, null, RetryAction.GiveUp, 0)]
    [InlineData(1, 9, 0, FailureKind.Passing, true, null, RetryAction.Again, 1)]
    [InlineData(1, 0, 0, FailureKind.Refused, false, null, RetryAction.GiveUp, 0)]
    [InlineData(1, 0, 1, FailureKind.WrongContent, true, null, RetryAction.GiveUp, 0)]
    internal void A_failure_is_followed_by(int endpoint, int failures, int mismatches, FailureKind kind, bool gained, int? requested, RetryAction action, int pause)
    {
        RetryStep step = new RetryState(endpoint, failures, mismatches).After(
            kind, gained, requested is { } seconds ? TimeSpan.FromSeconds(seconds) : null, 2, new RetryRules());

        Assert.Equal((action, TimeSpan.FromSeconds(pause)), (step.Action, step.Pause));
        Assert.Equal(action == RetryAction.NextEndpoint ? endpoint + 1 : endpoint, step.State.Endpoint);
    }

    [Theory]
    [InlineData("Qwen3-8B-GGUF", true)]
    [InlineData("..", false)]
    [InlineData(".hidden", false)]
    [InlineData("a b", false)]
    [InlineData("modèle", false)]
    [InlineData("a/b", false)]
    public void A_name_stays_as_it_is_or_gets_a_digest(string name, bool same)
    {
        string safe = CacheLayout.SafeName(name);

        Assert.Equal(same, safe == name);
        Assert.Equal(safe, CacheLayout.SafeName(safe));
        Assert.Matches("^[A-Za-z0-9_-][A-Za-z0-9._-]*$", safe);
        Assert.NotEqual(CacheLayout.SafeName(new string('x', 300) + "1"), CacheLayout.SafeName(new string('x', 300) + "2"));
    }

    [Fact]
    public void Different_requests_have_different_manifests()
    {
        var settings = new ModelHubSettings();
        string Manifest(string location, bool projector = false, ModelHubSettings? other = null) => CacheLayout.Of(
            new FetchRequest { Location = ModelLocation.Parse(location), Directory = "/models", WithProjector = projector }, other ?? settings).ManifestPath;
        string[] manifests =
        [
            Manifest("hf://a/b"), Manifest("hf://a/b@dev"), Manifest("hf://a/b:Q8_0"), Manifest("hf://a/b/x.gguf"), Manifest("hf://a/b", projector: true),
            Manifest("hf://a/b", other: settings with { HuggingFaceEndpoint = new Uri("https://hub.example") }), Manifest("ms://a/b"),
            Manifest("https://h/a.gguf"), Manifest("https://h/a.gguf?id=2"), Manifest("https://h:8443/a.gguf"),
        ];

        Assert.Equal(manifests.Length, manifests.Distinct().Count());
        Assert.Equal(Manifest("hf://a/b"), Manifest("hf://a/b@main"));
        Assert.All(manifests, manifest => Assert.StartsWith("/models/", manifest, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a/../b")]
    [InlineData("/a")]
    [InlineData("a\0b")]
    [InlineData("a.partial")]
    [InlineData("a.PARTIAL.json")]
    [InlineData("a./b")]
    public void A_name_that_no_folder_may_hold_is_refused(string path)
    {
        Assert.False(CacheLayout.CanHold(path));
        Assert.Throws<FetchException>(() => CacheLayout.FileIn("/models", path));
        Assert.False(CacheLayout.CanHold(new string('é', 121) + "/a"));
    }

    [Theory]
    [InlineData(0, 1000, 0, "0% 0 B of 1000 B, 0.0 MB/s, stalled")]
    [InlineData(1L << 30, 4L << 30, 50_000_000, "25% 1.0 GiB of 4.0 GiB, 50.0 MB/s, 1 min 4 s left")]
    [InlineData(1L << 30, 400L << 30, 50_000_000, "0% 1.0 GiB of 400.0 GiB, 50.0 MB/s, 2 h 22 min left")]
    [InlineData(10, 10, 5, "100% 10 B of 10 B, 0.0 MB/s, 0 s left")]
    public void A_line_says_how_far_it_is(long there, long total, double speed, string line) => Assert.Equal(line, FetchProgress.Line(there, total, speed));

    [Theory]
    [InlineData("""{"format":2}""")]
    [InlineData("""{"format":1,"source":"s","folder":"..","kind":"gguf","files":[{"path":"a","bytes":1,"sha256":"SHA"}]}""")]
    [InlineData("""{"format":1,"source":"s","folder":"f","kind":"gguf","files":[{"path":"../a","bytes":1,"sha256":"SHA"}]}""")]
    [InlineData("""{"format":1,"source":"s","folder":"f","kind":"gguf","model":"../a","files":[{"path":"a","bytes":1,"sha256":"SHA"}]}""")]
    [InlineData("""{"format":1,"source":"s","folder":"f","kind":"gguf","files":[]}""")]
    [InlineData("[")]
    public void A_manifest_that_is_none_counts_as_absent(string json)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, json.Replace("SHA", new string('a', 64), StringComparison.Ordinal));
            Assert.Null(FetchManifest.Read(path));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
