namespace GpuStack.Kubernetes.Models;

/// <summary>Where a pod must or would rather run.</summary>
public sealed class V1Affinity
{
    public V1NodeAffinity? NodeAffinity { get; set; }

    public V1PodAffinity? PodAffinity { get; set; }

    public V1PodAntiAffinity? PodAntiAffinity { get; set; }
}

public sealed class V1NodeAffinity
{
    public V1NodeSelector? RequiredDuringSchedulingIgnoredDuringExecution { get; set; }

    public List<V1PreferredSchedulingTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; set; }
}

/// <summary>A node matches when one of the terms does.</summary>
public sealed class V1NodeSelector
{
    public List<V1NodeSelectorTerm>? NodeSelectorTerms { get; set; }
}

/// <summary>All expressions and fields must match; an empty term matches nothing.</summary>
public sealed class V1NodeSelectorTerm
{
    public List<V1NodeSelectorRequirement>? MatchExpressions { get; set; }

    /// <summary>Only metadata.name, with In or NotIn and one value.</summary>
    public List<V1NodeSelectorRequirement>? MatchFields { get; set; }
}

/// <summary>In, NotIn, Exists, DoesNotExist, Gt or Lt.</summary>
public sealed class V1NodeSelectorRequirement
{
    public string? Key { get; set; }

    public string? Operator { get; set; }

    public List<string>? Values { get; set; }
}

public sealed class V1PreferredSchedulingTerm
{
    public int? Weight { get; set; }

    public V1NodeSelectorTerm? Preference { get; set; }
}

public sealed class V1PodAffinity
{
    public List<V1PodAffinityTerm>? RequiredDuringSchedulingIgnoredDuringExecution { get; set; }

    public List<V1WeightedPodAffinityTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; set; }
}

public sealed class V1PodAntiAffinity
{
    public List<V1PodAffinityTerm>? RequiredDuringSchedulingIgnoredDuringExecution { get; set; }

    public List<V1WeightedPodAffinityTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; set; }
}

public sealed class V1WeightedPodAffinityTerm
{
    public int? Weight { get; set; }

    public V1PodAffinityTerm? PodAffinityTerm { get; set; }
}

public sealed class V1PodAffinityTerm
{
    public V1LabelSelector? LabelSelector { get; set; }

    public List<string>? Namespaces { get; set; }

    public string? TopologyKey { get; set; }

    public V1LabelSelector? NamespaceSelector { get; set; }

    public List<string>? MatchLabelKeys { get; set; }

    public List<string>? MismatchLabelKeys { get; set; }
}

public sealed class V1TopologySpreadConstraint
{
    public int? MaxSkew { get; set; }

    public string? TopologyKey { get; set; }

    public string? WhenUnsatisfiable { get; set; }

    public V1LabelSelector? LabelSelector { get; set; }

    public int? MinDomains { get; set; }

    public string? NodeAffinityPolicy { get; set; }

    public string? NodeTaintsPolicy { get; set; }

    public List<string>? MatchLabelKeys { get; set; }
}
