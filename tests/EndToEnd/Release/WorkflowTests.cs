using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GpuStack.EndToEnd.Release;

/// <summary>
/// What is trusted in <c>.github/workflows</c>: actions by commit, the least of permissions, no secret and nothing that a stranger may write
/// on a command line.
/// </summary>
public sealed partial class WorkflowTests
{
    public static TheoryData<string> Files() =>
        [.. Directory.EnumerateFiles(Repository.PathOf(".github", "workflows"), "*.yml").Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Actions_are_pinned_by_commit_and_tell_their_version(string file)
    {
        string[] uses = [.. File.ReadLines(PathOf(file)).Where(line => UsesLine().IsMatch(line))];

        Assert.NotEmpty(uses);
        Assert.All(uses, line => Assert.Matches(PinnedLine(), line));
        // One action has one commit, and one commit one version.
        string[] pins = [.. Files().SelectMany(row => File.ReadLines(PathOf(row.Data))).Where(line => UsesLine().IsMatch(line)).Select(line => UsesLine().Replace(line, "").Trim()).Distinct()];
        Assert.All(pins.GroupBy(pin => pin.Split('@')[0]), same => Assert.Single(same));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Permissions_are_named_and_jobs_end(string file)
    {
        JsonObject workflow = Read(file);

        Assert.True(workflow["permissions"] is JsonObject top && top.All(pair => (string)pair.Value! == "read"), $"{file}: the top's permissions are not read-only.");
        Assert.All(workflow["jobs"]!.AsObject(), job =>
        {
            Assert.True(job.Value!["timeout-minutes"] is not null, $"{file}: the job {job.Key} has no timeout-minutes.");
            Assert.DoesNotMatch("(latest|-$)", (string)job.Value["runs-on"]!);
            Assert.True(job.Value["permissions"] is null or JsonObject, $"{file}: the job {job.Key} may do everything.");
            Assert.All(
                job.Value["permissions"]?.AsObject().Where(pair => (string)pair.Value! == "write") ?? [],
                pair => Assert.Contains(pair.Key, (string[])["contents", "packages", "id-token"]));
            if (job.Value["container"] is JsonValue container)
            {
                Assert.Matches("^[a-z0-9./-]+(:[a-z0-9.-]+|@sha256:[0-9a-f]{64})$", (string)container!);
            }
        });
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Command_lines_hold_no_secrets_and_nothing_that_a_stranger_writes(string file)
    {
        JsonObject[] steps = [.. Read(file)["jobs"]!.AsObject().SelectMany(job => job.Value!["steps"]!.AsArray()).Select(step => step!.AsObject())];

        // What GitHub puts into a script is text of the script; values come by the environment.
        Assert.All(steps.Where(step => step.ContainsKey("run")), step => Assert.DoesNotContain("${{", (string)step["run"]!, StringComparison.Ordinal));
        Assert.All(
            steps.Where(step => ((string?)step["uses"])?.StartsWith("actions/checkout@", StringComparison.Ordinal) is true),
            step => Assert.Equal("false", step["with"]?["persist-credentials"]?.ToString(), ignoreCase: true));
        Assert.DoesNotContain("pull_request_target", File.ReadAllText(PathOf(file)), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Scripts_that_are_called_exist(string file) =>
        Assert.All(
            ScriptName().Matches(File.ReadAllText(PathOf(file))).Select(match => match.Value).Distinct(),
            script => Assert.True(File.Exists(Repository.PathOf(script.Split('/'))), script));

    [Fact]
    public void Releases_wait_for_what_they_are_made_of()
    {
        JsonObject jobs = Read("release.yml")["jobs"]!.AsObject();

        Assert.Equal(["version", "image", "archives", "chart"], jobs["release"]!["needs"]!.AsArray().Select(name => (string)name!));
        // Names of jobs in needs are checked by GitHub alone, and late.
        Assert.All(jobs, job => Assert.All(
            job.Value!["needs"] switch { JsonArray many => many.Select(name => (string)name!), JsonValue one => [(string)one!], _ => Array.Empty<string>() },
            name => Assert.True(jobs.ContainsKey(name), $"{job.Key} needs {name}")));
    }

    [Fact]
    public void Dependabot_knows_every_kind_of_dependency()
    {
        JsonObject settings = YamlFile.Read(File.ReadAllText(Repository.PathOf(".github", "dependabot.yml")), "dependabot.yml");

        Assert.Equal(
            ["docker", "github-actions", "nuget"],
            settings["updates"]!.AsArray().Select(update => (string)update!["package-ecosystem"]!).Order(StringComparer.Ordinal));
    }

    private static JsonObject Read(string file) => YamlFile.Read(File.ReadAllText(PathOf(file)), file);

    private static string PathOf(string file) => Repository.PathOf(".github", "workflows", file);

    [GeneratedRegex(@"^\s*(- )?uses:", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UsesLine();

    [GeneratedRegex(@"^\s*(- )?uses: [\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PinnedLine();

    [GeneratedRegex(@"scripts/[\w-]+\.sh", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ScriptName();
}
