using System.Collections.Frozen;

namespace GpuStack.Simulator.ApiServer.Registry;

/// <summary>
/// Resources that every real cluster has and the simulated one does not: a request for them is answered with 501, because a 404
/// would say that the object does not exist. Claims and classes of <c>resource.k8s.io</c> are not among them: clusters without them exist.
/// </summary>
internal static class NotSimulatedResources
{
    private static readonly FrozenSet<(string Group, string Plural)> Known = new (string Group, string Plural)[]
    {
        ("", "bindings"), ("", "componentstatuses"), ("", "podtemplates"), ("", "replicationcontrollers"),
        // The old paths of watches and proxies.
        ("", "watch"), ("apps", "watch"), ("batch", "watch"), ("", "proxy"),
        ("admissionregistration.k8s.io", "validatingadmissionpolicies"), ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
        ("apiregistration.k8s.io", "apiservices"),
        ("autoscaling", "horizontalpodautoscalers"),
        ("batch", "cronjobs"),
        ("certificates.k8s.io", "certificatesigningrequests"),
        ("flowcontrol.apiserver.k8s.io", "flowschemas"), ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"),
        ("networking.k8s.io", "ingresses"), ("networking.k8s.io", "ingressclasses"), ("networking.k8s.io", "ipaddresses"),
        ("networking.k8s.io", "servicecidrs"),
        ("node.k8s.io", "runtimeclasses"),
        ("storage.k8s.io", "csidrivers"), ("storage.k8s.io", "csinodes"), ("storage.k8s.io", "csistoragecapacities"),
        ("storage.k8s.io", "volumeattachments"),
    }.ToFrozenSet();

    public static bool Contains(string group, string plural) => Known.Contains((group, plural));
}
