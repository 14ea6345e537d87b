namespace GpuStack.Kubernetes.Models;

/// <summary>Objects whose labels match all of the terms; an empty selector matches everything.</summary>
public sealed class V1LabelSelector
{
    public Dictionary<string, string>? MatchLabels { get; set; }

    public List<V1LabelSelectorRequirement>? MatchExpressions { get; set; }
}

/// <summary>A term over one label: In, NotIn, Exists, DoesNotExist.</summary>
public sealed class V1LabelSelectorRequirement
{
    public string? Key { get; set; }

    public string? Operator { get; set; }

    public List<string>? Values { get; set; }
}
