using GpuStack.EndToEnd.Helm;

namespace GpuStack.EndToEnd.Access;

/// <summary>
/// What an administrator asks before trusting an installation: <c>kubectl auth can-i … --as</c> the operator's ServiceAccount, of the roles that
/// the chart installs. <c>cases/can-i/NAME.txt</c>: a line each of the answer, the namespace (or *) and the question.
/// </summary>
public sealed class CanITests
{
    private const string Account = $"--as=system:serviceaccount:{HelmCluster.Namespace}:{HelmCluster.Release}";

    [Theory]
    [InlineData("all-namespaces")]
    [InlineData("some-namespaces", "watchNamespaces={team-a,team-b}")]
    [InlineData("some-namespaces-whole-fleet", "watchNamespaces={team-a}", "rbac.fleetPods=Cluster", "metrics.secure=true")]
    public async Task The_installed_roles_answer_as_they_should(string name, params string[] values)
    {
        await using HelmCluster cluster = await HelmCluster.StartAsync();
        foreach (string served in (string[])["team-a", "team-b"])
        {
            await cluster.Kubectl.RunAsync("create", "namespace", served);
        }

        await cluster.ReleaseAsync("install", HelmCluster.Chart, ["--create-namespace", .. values.SelectMany(value => (string[])["--set", value])]);
        foreach (string line in await File.ReadAllLinesAsync(Repository.PathOf("tests", "EndToEnd", "Access", "cases", "can-i", $"{name}.txt"), TestContext.Current.CancellationToken))
        {
            if (line.Length == 0 || line.StartsWith('#'))
            {
                continue;
            }

            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] scope = words[1] == "*" ? ["--all-namespaces"] : ["--namespace", words[1]];
            string[] question = ["auth", "can-i", .. words[2..], .. scope, Account];
            string said = words[0] == "yes" ? await cluster.Kubectl.RunAsync(question) : await cluster.Kubectl.RefusalAsync(question);
            Assert.True(said.Split(' ', '\n')[0] == words[0], $"{line}\n{said}");
        }
    }

    [Fact]
    public async Task The_list_of_what_it_may_do_names_the_rules_of_the_chart()
    {
        await using HelmCluster cluster = await HelmCluster.StartAsync();
        await cluster.ReleaseAsync("install", HelmCluster.Chart, "--create-namespace");

        string list = await cluster.Kubectl.RunAsync("auth", "can-i", "--list", "--namespace", HelmCluster.Namespace, Account);

        Assert.Matches(@"(?m)^secrets +\[\] +\[gpustack-operator-webhook-cert\] +\[get update\]$", list);
        Assert.Matches(@"(?m)^statefulsets\.apps +\[\] +\[\] +\[create delete get list patch watch\]$", list);
        Assert.DoesNotContain("[*]", list, StringComparison.Ordinal);
    }
}
