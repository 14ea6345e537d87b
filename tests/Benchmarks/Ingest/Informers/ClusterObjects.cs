using System.Globalization;
using System.Text;

namespace GpuStack.Benchmarks.Ingest.Informers;

/// <summary>
/// Nodes and pods as API servers send them: nodes with 30 labels, 50 images, five conditions and the field owners of three managers; pods
/// of a ReplicaSet with two containers, their probes, variables and volumes, status, and the field owners of two managers.
/// </summary>
/// <remarks>Marks: @ the object's index, % its node, &amp; its ReplicaSet, # its kind of machine, * its namespace, ^ its version.</remarks>
internal static class ClusterObjects
{
    private const int PodsPerOwner = 20;
    public const int Namespaces = 50;

    public static ObjectTemplate Node() => new(
        $$$$"""{"kind":"Node","apiVersion":"v1","metadata":{"name":"gpu-node-@@@@@@","uid":"5f0c2d5e-4a0e-4d61-9f8b-5c0f11@@@@@@","resourceVersion":"^^^^^^^^","creationTimestamp":"2026-03-02T08:11:45Z","labels":{{{{{Labels()}}}}},"annotations":{"csi.volume.kubernetes.io/nodeid":"{\"disk.csi.example.com\":\"gpu-node-@@@@@@\",\"file.csi.example.com\":\"gpu-node-@@@@@@\"}","kubeadm.alpha.kubernetes.io/cri-socket":"unix:///run/containerd/containerd.sock","nfd.node.kubernetes.io/feature-labels":"cpu-cpuid.AMXBF16,cpu-cpuid.AVX512F,cpu-model.family,kernel-version.full,pci-10de.present,storage-nonrotationaldisk,system-os_release.ID","node.alpha.kubernetes.io/ttl":"0","projectcalico.org/IPv4Address":"10.10.@@@@@@/20","volumes.kubernetes.io/controller-managed-attach-detach":"true"},"managedFields":[{{{{Owner("kubelet", "status", "capacity", "allocatable", "conditions", "images", "nodeInfo")}}}},{{{{Owner("kube-controller-manager", "metadata", "annotations", "podCIDR", "podCIDRs", "taints")}}}},{{{{Owner("nfd-master", "metadata", "labels", "feature-labels", "extended-resources", "worker-version")}}}}]},"spec":{"podCIDR":"10.244.@@@@@@/24","podCIDRs":["10.244.@@@@@@/24"],"providerID":"example://zone-a/gpu-node-@@@@@@","taints":[{"key":"nvidia.com/gpu","value":"present","effect":"NoSchedule"}]},"status":{"capacity":{{{{{Amounts}}}}},"allocatable":{{{{{Amounts}}}}},"conditions":[{{{{NodeCondition("NetworkUnavailable", "False", "RouteCreated")}}}},{{{{NodeCondition("MemoryPressure", "False", "KubeletHasSufficientMemory")}}}},{{{{NodeCondition("DiskPressure", "False", "KubeletHasNoDiskPressure")}}}},{{{{NodeCondition("PIDPressure", "False", "KubeletHasSufficientPID")}}}},{{{{NodeCondition("Ready", "True", "KubeletReady")}}}}],"addresses":[{"type":"InternalIP","address":"10.10.@@@@@@"},{"type":"Hostname","address":"gpu-node-@@@@@@"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":10250}},"nodeInfo":{"machineID":"0e8f6a6d3c9a4c50a2b1@@@@@@","systemUUID":"4c4c4544-0051-3610-8052-b4c04f@@@@@@","bootID":"9a1c1c8e-40f8-4c88-9e0f-51d3aa@@@@@@","kernelVersion":"6.8.0-52-generic","osImage":"Ubuntu 24.04.2 LTS","containerRuntimeVersion":"containerd://2.1.3","kubeletVersion":"v1.34.2","kubeProxyVersion":"","operatingSystem":"linux","architecture":"amd64"},"images":[{{{{Images()}}}}],"runtimeHandlers":[{"name":"","features":{"recursiveReadOnlyMounts":true,"userNamespaces":true}},{"name":"nvidia","features":{"recursiveReadOnlyMounts":true,"userNamespaces":true}}],"features":{"supplementalGroupsPolicy":true}}}""",
        ('@', (index, _) => index),
        ('#', (index, _) => index % 8),
        ('^', Version));

    public static ObjectTemplate Pod(int nodes) => new(
        $$$$"""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web-&&&&&&-7d9c5b6f4-@@@@@@","generateName":"web-&&&&&&-7d9c5b6f4-","namespace":"team-**","uid":"0b7e9a3c-6d52-47f1-8a4e-2f7c90@@@@@@","resourceVersion":"^^^^^^^^","generation":1,"creationTimestamp":"2026-10-19T11:42:07Z","labels":{"app.kubernetes.io/name":"web","app.kubernetes.io/instance":"web-&&&&&&","app.kubernetes.io/part-of":"shop","app.kubernetes.io/managed-by":"Helm","helm.sh/chart":"web-4.2.1","pod-template-hash":"7d9c5b6f4","team":"team-**"},"annotations":{"checksum/config":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","prometheus.io/port":"9090","prometheus.io/scrape":"true","kubectl.kubernetes.io/restartedAt":"2026-10-19T11:41:55Z"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-&&&&&&-7d9c5b6f4","uid":"c2d4e6f8-1b3a-4c5d-8e7f-9a0b1c&&&&&&","controller":true,"blockOwnerDeletion":true}],"managedFields":[{{{{Owner("kube-controller-manager", "spec", "web", "proxy", "volumes", "tolerations", "affinity")}}}},{{{{Owner("kubelet", "status", "conditions", "containerStatuses", "hostIP", "podIPs")}}}}]},"spec":{"volumes":[{"name":"config","configMap":{"name":"web-&&&&&&","defaultMode":420}},{"name":"certificates","secret":{"secretName":"web-&&&&&&-tls","defaultMode":420}},{"name":"scratch","emptyDir":{"sizeLimit":"2Gi"}},{"name":"kube-api-access-x7k2p","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},{"downwardAPI":{"items":[{"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}],"defaultMode":420}}],"containers":[{{{{Container("web", "1500m", "3Gi")}}}},{{{{Container("proxy", "100m", "128Mi")}}}}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"web","serviceAccount":"web","nodeName":"gpu-node-%%%%%%","securityContext":{"runAsUser":1000,"runAsNonRoot":true,"fsGroup":1000,"seccompProfile":{"type":"RuntimeDefault"}},"schedulerName":"default-scheduler","tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority","topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"ScheduleAnyway","labelSelector":{"matchLabels":{"app.kubernetes.io/instance":"web-&&&&&&"}}}]},"status":{"observedGeneration":1,"phase":"Running","conditions":[{{{{PodCondition("PodReadyToStartContainers")}}}},{{{{PodCondition("Initialized")}}}},{{{{PodCondition("Ready")}}}},{{{{PodCondition("ContainersReady")}}}},{{{{PodCondition("PodScheduled")}}}}],"hostIP":"10.10.%%%%%%","hostIPs":[{"ip":"10.10.%%%%%%"}],"podIP":"10.244.@@@@@@","podIPs":[{"ip":"10.244.@@@@@@"}],"startTime":"2026-10-19T11:42:07Z","containerStatuses":[{{{{ContainerStatus("web")}}}},{{{{ContainerStatus("proxy")}}}}],"qosClass":"Burstable"}}""",
        ('@', (index, _) => index),
        ('&', (index, _) => index / PodsPerOwner),
        ('%', (index, _) => index % nodes),
        ('*', (index, _) => index / PodsPerOwner % Namespaces),
        ('^', Version));

    private static int Version(int index, int version) => 10_000_000 + version;

    private const string Amounts =
        "\"cpu\":\"127500m\",\"ephemeral-storage\":\"3520Gi\",\"hugepages-1Gi\":\"0\",\"hugepages-2Mi\":\"0\",\"memory\":\"1056492Mi\",\"nvidia.com/gpu\":\"8\",\"pods\":\"110\"";

    private static string Labels()
    {
        var text = new StringBuilder(
            "\"kubernetes.io/hostname\":\"gpu-node-@@@@@@\",\"kubernetes.io/os\":\"linux\",\"kubernetes.io/arch\":\"amd64\",\"topology.kubernetes.io/region\":\"eu-1\",\"topology.kubernetes.io/zone\":\"eu-1-0#\",\"node.kubernetes.io/instance-type\":\"gpu-0#\",\"nvidia.com/gpu.product\":\"NVIDIA-H100-80GB-HBM3-0#\",\"nvidia.com/gpu.memory\":\"81559\",\"nvidia.com/gpu.count\":\"8\"");
        for (int i = 0; i < 21; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $",\"feature.node.kubernetes.io/cpu-cpuid.FEATURE{i}\":\"true\"");
        }

        return text.ToString();
    }

    private static string Images() => string.Join(',', Enumerable.Range(0, 50).Select(i => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"names":["registry.example.com/platform/service-{{i}}@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","registry.example.com/platform/service-{{i}}:v1.{{i}}.0"],"sizeBytes":{{31_415_926 + i}}}""").Replace('@', '-')));

    /// <summary>Some 40 fields of a manager, as <c>fieldsV1</c> writes them.</summary>
    private static string Owner(string manager, string root, params ReadOnlySpan<string> branches)
    {
        var text = new StringBuilder();
        foreach (string branch in branches)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"\"f:{branch}\":{{");
            for (int i = 0; i < 4; i++)
            {
                text.Append(i == 0 ? "" : ",").Append(
                    CultureInfo.InvariantCulture, $"\"k:{{\\\"type\\\":\\\"{branch}-{i}\\\"}}\":{{\".\":{{}},\"f:lastTransitionTime\":{{}},\"f:status\":{{}},\"f:type\":{{}}}}");
            }

            text.Append('}');
        }

        return $$$"""{"manager":"{{{manager}}}","operation":"Update","apiVersion":"v1","time":"2026-11-22T01:28:08Z","fieldsType":"FieldsV1","fieldsV1":{"f:{{{root}}}":{{{{text}}}}},"subresource":"status"}""";
    }

    private static string NodeCondition(string type, string status, string reason) =>
        $$"""{"type":"{{type}}","status":"{{status}}","lastHeartbeatTime":"2026-11-26T04:55:12Z","lastTransitionTime":"2026-03-02T08:12:31Z","reason":"{{reason}}","message":"kubelet says {{reason}}"}""";

    private static string PodCondition(string type) =>
        $$"""{"type":"{{type}}","status":"True","observedGeneration":1,"lastProbeTime":null,"lastTransitionTime":"2026-10-19T11:42:19Z"}""";

    private static string Container(string name, string cpu, string memory) =>
        $$$$"""{"name":"{{{{name}}}}","image":"registry.example.com/shop/{{{{name}}}}:4.2.1","args":["--config=/etc/{{{{name}}}}/config.yaml","--listen=:8080","--log-level=info"],"ports":[{"name":"http","containerPort":8080,"protocol":"TCP"},{"name":"metrics","containerPort":9090,"protocol":"TCP"}],"env":[{"name":"POD_NAME","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.name"}}},{"name":"POD_NAMESPACE","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}},{"name":"DATABASE_URL","valueFrom":{"secretKeyRef":{"name":"web-&&&&&&","key":"url"}}},{"name":"CACHE_SIZE","value":"512Mi"},{"name":"REGION","value":"eu-1"},{"name":"OTEL_EXPORTER_OTLP_ENDPOINT","value":"http://collector.monitoring:4317"}],"resources":{"limits":{"cpu":"{{{{cpu}}}}","memory":"{{{{memory}}}}"},"requests":{"cpu":"{{{{cpu}}}}","memory":"{{{{memory}}}}"}},"volumeMounts":[{"name":"config","readOnly":true,"mountPath":"/etc/{{{{name}}}}"},{"name":"scratch","mountPath":"/tmp"},{"name":"kube-api-access-x7k2p","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],"livenessProbe":{"httpGet":{"path":"/healthz","port":"http","scheme":"HTTP"},"initialDelaySeconds":10,"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},"readinessProbe":{"httpGet":{"path":"/readyz","port":"http","scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":5,"successThreshold":1,"failureThreshold":3},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent","securityContext":{"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":true,"allowPrivilegeEscalation":false}}""";

    private static string ContainerStatus(string name) =>
        $$$$"""{"name":"{{{{name}}}}","state":{"running":{"startedAt":"2026-10-19T11:42:12Z"}},"lastState":{},"ready":true,"restartCount":0,"image":"registry.example.com/shop/{{{{name}}}}:4.2.1","imageID":"registry.example.com/shop/{{{{name}}}}:sha256-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","containerID":"containerd://3f1a2b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5@@@@@@","started":true,"resources":{"limits":{"cpu":"1500m","memory":"3Gi"},"requests":{"cpu":"1500m","memory":"3Gi"}}}""";
}
