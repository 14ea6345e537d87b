using System.Globalization;

namespace GpuStack.Kubernetes.Tests.Servers;

/// <summary>Objects as servers send them.</summary>
internal static class Json
{
    public static string ConfigMap(string name, int version, string value = "v", string labels = "{}", string? uid = null) => string.Create(
        CultureInfo.InvariantCulture,
        $$$$"""{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"{{{{name}}}}","namespace":"default","uid":"{{{{uid ?? "uid-" + name}}}}","resourceVersion":"{{{{version}}}}","creationTimestamp":"2026-11-22T01:28:08Z","labels":{{{{labels}}}},"managedFields":[{"manager":"curl","operation":"Update","apiVersion":"v1","time":"2026-11-22T01:28:08Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{}}}]},"data":{"k":"{{{{value}}}}"}}""");

    public static string Bookmark(int version) => string.Create(
        CultureInfo.InvariantCulture,
        $$$$"""{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"{{{{version}}}}","creationTimestamp":null}}""");

    public static ScriptedAnswer ConfigMaps(int version, params string[] items) =>
        ScriptedAnswer.List("ConfigMap", "v1", version.ToString(CultureInfo.InvariantCulture), null, items);
}
