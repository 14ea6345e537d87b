using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GpuStack.Charts.Tests.Renderings;

/// <summary>What holds for every rendering, whatever the values say. Pure.</summary>
internal sealed partial class RenderingChecks(IReadOnlyList<RenderedObject> objects, RenderingCase one)
{
    private static readonly string[] Labels =
        ["app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart"];

    /// <summary>Roles that others bind: by aggregation, or to their own Prometheus.</summary>
    private static readonly string[] BoundByOthers = ["-editor", "-viewer", "-metrics-reader"];

    private RenderedObject Deployment => objects.Single(rendered => rendered.Kind == "Deployment");

    private JsonObject Pod => Deployment.PodTemplate!["spec"]!.AsObject();

    private JsonObject Container => Pod["containers"]!.AsArray().Single()!.AsObject();

    /// <summary>What is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Findings() =>
        [.. Names(), .. Duplicates(), .. LabelsOfAll(), .. Bindings(), .. Ports(), .. Selections(), .. Volumes(), .. Releases()];

    private IEnumerable<string> Names() => objects
        .Where(rendered => rendered.Kind == "Service" ? !ServiceName().IsMatch(rendered.Name) || rendered.Name.Length > 63
            // A Deployment's pods are host names, which are cut; its ReplicaSets must still fit their label.
            : rendered.Name.Length > (rendered.Kind == "Deployment" ? 52 : 253) || !ObjectName().IsMatch(rendered.Name))
        .Select(rendered => $"{rendered}: the name is none of its kind");

    private IEnumerable<string> Duplicates() => objects.GroupBy(rendered => rendered.ToString()).Where(same => same.Count() > 1).Select(same => $"{same.Key} is there {same.Count()} times");

    private IEnumerable<string> LabelsOfAll()
    {
        foreach (var rendered in objects)
        {
            foreach (var label in Labels.Except(rendered.Labels.Keys))
                yield return $"{rendered} lacks the label {label}";
            var more = rendered.PodTemplate is { } template ? RenderedObject.Map(template["metadata"]!["labels"]) : RenderedObject.Map(null);
            foreach (var (key, value) in rendered.Labels.Concat(more))
            {
                if (value.Length > 63 || !LabelValue().IsMatch(value))
                    yield return $"{rendered}: {key}={value} is no label";
            }
            if (rendered.IsNamespaced != rendered.Namespace is not null)
                yield return $"{rendered}: namespace";
        }
    }

    private IEnumerable<string> Bindings()
    {
        var account = Pod["serviceAccountName"]!.GetValue<string>();
        var bound = new HashSet<string>(StringComparer.Ordinal);
        foreach (var binding in objects.Where(rendered => rendered.Kind is "ClusterRoleBinding" or "RoleBinding"))
        {
            var role = objects.FirstOrDefault(rendered => rendered.Kind == (string?)binding.Json["roleRef"]!["kind"]
                && rendered.Name == (string?)binding.Json["roleRef"]!["name"] && rendered.Namespace == binding.Namespace);
            if (role is null)
            {
                yield return $"{binding} refers to a role that is not there";
                continue;
            }
            bound.Add(role.ToString());
            var subjects = binding.Json["subjects"]!.AsArray();
            if (!role.Name.EndsWith("-metrics-reader", StringComparison.Ordinal)
                && !(subjects.Count == 1 && (string?)subjects[0]!["name"] == account && (string?)subjects[0]!["namespace"] == one.Namespace))
            {
                yield return $"{binding} binds somebody else than the operator";
            }
        }
        foreach (var role in objects.Where(rendered => rendered.Kind is "ClusterRole" or "Role"))
        {
            if (!bound.Contains(role.ToString()) && !BoundByOthers.Any(suffix => role.Name.EndsWith(suffix, StringComparison.Ordinal)))
                yield return $"{role} is bound to nobody";
            if (role.Json["rules"] is not JsonArray { Count: > 0 })
                yield return $"{role} has no rules";
        }
    }

    private IEnumerable<string> Ports()
    {
        var known = Container["ports"]!.AsArray().Select(port => port!["name"]!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
        var asked = objects.Where(rendered => rendered.Kind == "Service").SelectMany(service => service.Json["spec"]!["ports"]!.AsArray()).Select(port => port!["targetPort"])
            .Concat(objects.Where(rendered => rendered.Kind == "NetworkPolicy").SelectMany(policy => policy.Json["spec"]!["ingress"]!.AsArray()).SelectMany(rule => rule!["ports"]!.AsArray()).Select(port => port!["port"]))
            .Concat(objects.Where(rendered => rendered.Kind == "PodMonitor").SelectMany(monitor => monitor.Json["spec"]!["podMetricsEndpoints"]!.AsArray()).Select(endpoint => endpoint!["port"]))
            .Concat([Container["livenessProbe"]!["httpGet"]!["port"], Container["readinessProbe"]!["httpGet"]!["port"]]);
        foreach (var port in asked.Select(port => port!.GetValue<string>()).Where(port => !known.Contains(port)))
            yield return $"the operator has no port {port}";
        var served = objects.Where(rendered => rendered.Kind == "Service").SelectMany(service => service.Json["spec"]!["ports"]!.AsArray()).Select(port => port!["name"]!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
        foreach (var endpoint in objects.Where(rendered => rendered.Kind == "ServiceMonitor").SelectMany(monitor => monitor.Json["spec"]!["endpoints"]!.AsArray()))
        {
            if (!served.Contains(endpoint!["port"]!.GetValue<string>()))
                yield return $"no Service has the port {endpoint["port"]}";
        }
    }

    /// <summary>What selects the operator's pods selects all of them, and no others.</summary>
    private IEnumerable<string> Selections()
    {
        var pods = RenderedObject.Map(Deployment.PodTemplate!["metadata"]!["labels"]);
        var test = objects.Single(rendered => rendered.Kind == "Pod").Labels;
        foreach (var rendered in objects)
        {
            var selector = rendered.Kind switch
            {
                "Service" => rendered.Json["spec"]!["selector"],
                "PodDisruptionBudget" or "PodMonitor" or "Deployment" => rendered.Json["spec"]!["selector"]!["matchLabels"],
                "NetworkPolicy" => rendered.Json["spec"]!["podSelector"]!["matchLabels"],
                _ => null,
            };
            if (selector is null)
                continue;
            var labels = RenderedObject.Map(selector);
            if (labels.Except(pods).Any())
                yield return $"{rendered} does not select the operator's pods";
            if (!labels.Except(test).Any())
                yield return $"{rendered} selects the test's pod";
        }
        foreach (var monitor in objects.Where(rendered => rendered.Kind == "ServiceMonitor"))
        {
            var selector = RenderedObject.Map(monitor.Json["spec"]!["selector"]!["matchLabels"]);
            if (objects.Count(rendered => rendered.Kind == "Service" && !selector.Except(rendered.Labels).Any()) != 1)
                yield return $"{monitor} does not select one Service";
        }
    }

    private IEnumerable<string> Volumes()
    {
        var volumes = Pod["volumes"]!.AsArray().Select(volume => volume!["name"]!.GetValue<string>()).ToList();
        var mounts = Container["volumeMounts"]!.AsArray().Select(mount => mount!["name"]!.GetValue<string>()).ToList();
        if (volumes.Except(mounts).Concat(mounts.Except(volumes)).Concat(volumes.GroupBy(name => name, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => same.Key)).ToList() is { Count: > 0 } wrong)
            yield return $"volumes and mounts do not go together: {string.Join(", ", wrong)}";
        foreach (var file in Container["args"]!.AsArray().Select(argument => argument!.GetValue<string>()).Where(argument => argument.Contains("=/etc/", StringComparison.Ordinal)))
        {
            var path = file[(file.IndexOf('=', StringComparison.Ordinal) + 1)..];
            if (!Container["volumeMounts"]!.AsArray().Any(mount => path.StartsWith(mount!["mountPath"]!.GetValue<string>(), StringComparison.Ordinal)))
                yield return $"{file} is mounted nowhere";
        }
    }

    /// <summary>Objects are in the release's namespace, but for roles in the namespaces that are watched.</summary>
    private IEnumerable<string> Releases() => objects
        .Where(rendered => rendered.IsNamespaced && rendered.Namespace != one.Namespace && rendered.Kind is not ("Role" or "RoleBinding"))
        .Select(rendered => $"{rendered} is in another namespace");

    [GeneratedRegex("^[a-z]([-a-z0-9]*[a-z0-9])?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ServiceName();

    [GeneratedRegex("^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ObjectName();

    [GeneratedRegex("^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelValue();
}
