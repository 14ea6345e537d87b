using System.Text.Json.Nodes;
using GpuStack.Charts.Tests.Renderings;

namespace GpuStack.Charts.Tests.Pods;

/// <summary>The pods that the operator makes, as the golden objects of its own tests have them.</summary>
public sealed class PodsOfTheOperatorTests
{
    /// <summary>What design §6 excepts: these were asked for.</summary>
    private static readonly string[] AskedFor = ["hostNetwork", "capabilities.add has IPC_LOCK", "is of a kind that is not allowed", "runAsUser is 0", "runAsNonRoot is not true", "hostPort"];

    public static TheoryData<string> Files =>
    [
        .. Directory.GetFiles(Repository.PathOf("tests", "Operator.Tests", "cases"), "objects.yaml", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_pod_passes_the_restricted_profile_unless_the_user_asked_otherwise(string file)
    {
        var deployment = File.ReadAllText(Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, "deployment.yaml"));
        var asked = deployment.Contains("hostNetwork", StringComparison.Ordinal) || deployment.Contains("rdma", StringComparison.OrdinalIgnoreCase)
            || deployment.Contains("hostPath", StringComparison.Ordinal) || deployment.Contains("securityContext", StringComparison.Ordinal);

        foreach (var rendered in Repository.ReadDocuments(File.ReadAllText(Repository.PathOf(file)), file).Select(json => new RenderedObject(json)))
        {
            if (rendered.PodTemplate is not { } template)
                continue;
            var violations = RestrictedProfile.Violations(template["spec"]!.AsObject(), template["metadata"]?["annotations"] as JsonObject);
            Assert.Empty(asked ? violations.Where(violation => !AskedFor.Any(text => violation.Contains(text, StringComparison.Ordinal))) : violations);
        }
    }
}
