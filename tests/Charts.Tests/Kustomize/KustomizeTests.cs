using System.Text.Json.Nodes;
using GpuStack.Charts.Tests.Pods;
using GpuStack.Charts.Tests.Renderings;

namespace GpuStack.Charts.Tests.Kustomize;

/// <summary>The folders of <c>config/</c>, and that they install what the chart installs.</summary>
public sealed class KustomizeTests
{
    /// <summary>What the chart calls otherwise: its names must differ from release to release.</summary>
    private static readonly Dictionary<string, string> ChartNames = new(StringComparer.Ordinal)
    {
        ["gpustack-modeldeployment-editor"] = "gpustack-operator-editor",
        ["gpustack-modeldeployment-viewer"] = "gpustack-operator-viewer",
    };

    private static readonly string[] RulesHead =
    [
        "# Generated from the chart's files/alerts.yaml by KustomizeTests; GPUSTACK_REGENERATE=1 writes it anew.",
        "apiVersion: monitoring.coreos.com/v1",
        "kind: PrometheusRule",
        "metadata:",
        "  name: gpustack-operator",
        "  namespace: gpustack-system",
        "  labels:",
        "    app.kubernetes.io/name: gpustack-operator",
        "spec:",
    ];

    public static TheoryData<string> Folders =>
    [
        .. Directory.GetFiles(Repository.PathOf("config"), "kustomization.yaml", SearchOption.AllDirectories)
            .Where(path => !File.ReadAllText(path).Contains("kind: Component", StringComparison.Ordinal))
            .Select(path => Path.GetRelativePath(Repository.PathOf("config"), Path.GetDirectoryName(path)!)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Every_folder_builds_and_its_pods_pass_the_restricted_profile(string folder)
    {
        var objects = await BuildAsync(folder);

        Assert.NotEmpty(objects);
        Assert.Equal(objects.Count, objects.DistinctBy(one => one.ToString()).Count());
        Assert.All(objects.Select(one => one.PodTemplate).OfType<JsonObject>(), template => Assert.Empty(RestrictedProfile.Violations(template["spec"]!.AsObject())));
    }

    /// <summary>Each option of the folder, alone and with others, is a value of the chart.</summary>
    [Theory]
    [InlineData("default", "", "")]
    [InlineData("default", "PROMETHEUS", "metrics.serviceMonitor.enabled=true,metrics.prometheusRule.enabled=true")]
    [InlineData("default", "PROMETHEUS METRICS", "metrics.serviceMonitor.enabled=true,metrics.prometheusRule.enabled=true,metrics.secure=true")]
    [InlineData("default", "CERTMANAGER", "webhook.certificates.certManager.enabled=true")]
    [InlineData("default", "PROMETHEUS METRICS CERTMANAGER", "metrics.serviceMonitor.enabled=true,metrics.prometheusRule.enabled=true,metrics.secure=true,webhook.certificates.certManager.enabled=true")]
    [InlineData("namespaced", "", "watchNamespaces[0]=team-a")]
    [InlineData("namespaced", "METRICS CERTMANAGER", "watchNamespaces[0]=team-a,metrics.secure=true,webhook.certificates.certManager.enabled=true")]
    public async Task A_folder_installs_what_the_chart_installs(string folder, string options, string values)
    {
        using var config = new OptionalParts(options.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        AssertSame(await ChartAsync(values), RenderingCase.Sorted(await Tool.Kubectl.RunAsync("kustomize", config.PathOf(folder))));
    }

    [Fact]
    public async Task The_rules_are_the_charts()
    {
        var path = Repository.PathOf("config", "prometheus", "rules.yaml");
        var alerts = (await File.ReadAllLinesAsync(Path.Combine(Repository.Chart, "files", "alerts.yaml"), TestContext.Current.CancellationToken)).SkipWhile(line => line.StartsWith('#'));
        var text = string.Join('\n', RulesHead.Concat(alerts.Select(line => line.Length == 0 ? "" : $"  {line}"))) + "\n";

        if (Repository.Regenerate)
            await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        Assert.Equal(text, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    private static async Task<IReadOnlyList<RenderedObject>> BuildAsync(string folder) =>
        RenderingCase.Sorted(await Tool.Kubectl.RunAsync("kustomize", Repository.PathOf("config", folder)));

    private static async Task<IReadOnlyList<RenderedObject>> ChartAsync(string values) => RenderingCase.Sorted(await Tool.Helm.RunAsync(
        "template", "gpustack-operator", Repository.Chart, "--namespace", "gpustack-system", "--skip-tests",
        // What is deleted with a folder of kustomize is what it lists; the operator's lease stays.
        "--set", $"leaderElection.createLease=false,{values}"));

    private static void AssertSame(IReadOnlyList<RenderedObject> chart, IReadOnlyList<RenderedObject> folder)
    {
        // The namespace is helm's own affair. The webhook's Secret is the operator's to make; the chart's is there to go with the release.
        var built = folder.Where(one => one.Kind != "Namespace").ToList();
        chart = [.. chart.Where(one => one.Kind != "Secret")];
        Assert.Equal(chart.Select(one => one.ToString()).Order(StringComparer.Ordinal), built.Select(Called).Order(StringComparer.Ordinal));
        foreach (var one in built)
            Assert.Equal(Normal(chart.Single(other => other.ToString() == Called(one))).ToJsonString(), Normal(one).ToJsonString());
    }

    private static string Called(RenderedObject one) => ChartNames.TryGetValue(one.Name, out var name) ? one.ToString().Replace(one.Name, name, StringComparison.Ordinal) : one.ToString();

    /// <summary>An object without what differs from installer to installer: its metadata, helm's labels, and how the image's name reaches the arguments.</summary>
    private static JsonNode Normal(RenderedObject one)
    {
        var json = one.Json.DeepClone().AsObject();
        json.Remove("metadata");
        if (one.Kind == "Deployment" && json["spec"]!["template"]!["spec"]!["containers"]![0] is JsonObject container)
        {
            var image = container["image"]!.GetValue<string>();
            var environment = container["env"]!.AsArray();
            if (environment.FirstOrDefault(variable => (string?)variable!["name"] == "HELPER_IMAGE") is { } helper)
            {
                Assert.Equal(image, (string?)helper["value"]);
                environment.Remove(helper);
            }
            container["args"] = new JsonArray([.. container["args"]!.AsArray().Select(argument => argument!.GetValue<string>().Replace("$(HELPER_IMAGE)", image, StringComparison.Ordinal)).Order(StringComparer.Ordinal)]);
        }
        return Without(json);
    }

    private static JsonNode Without(JsonNode node) => node switch
    {
        JsonObject map => new JsonObject(map
            .Where(pair => pair.Value is not null && pair.Key is not ("app.kubernetes.io/instance" or "app.kubernetes.io/version" or "app.kubernetes.io/managed-by" or "helm.sh/chart"))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)Without(pair.Value!)))),
        JsonArray list => new JsonArray([.. list.Select(item => Without(item!))]),
        _ => node.DeepClone(),
    };
}
