using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Generation;

/// <summary>
/// Schemas of Kubernetes' own types, cut to the fields that make sense here. What is left out is refused as unknown,
/// rather than accepted and ignored.
/// </summary>
internal static class CuratedSchemas
{
    private static readonly Dictionary<Type, string> Texts = new()
    {
        [typeof(V1EnvVar)] = """
            {
              "description": "An environment variable, given or taken from elsewhere.",
              "type": "object",
              "required": ["name"],
              "properties": {
                "name": {"description": "Name of the variable.", "type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[-._a-zA-Z][-._a-zA-Z0-9]*$"},
                "value": {"description": "Its value.", "type": "string", "maxLength": 32768},
                "valueFrom": {
                  "description": "Where its value comes from.",
                  "type": "object",
                  "maxProperties": 1,
                  "minProperties": 1,
                  "properties": {
                    "configMapKeyRef": {
                      "description": "A key of a ConfigMap of the same namespace.",
                      "type": "object",
                      "required": ["name", "key"],
                      "properties": {
                        "name": {"description": "Name of the ConfigMap.", "type": "string", "minLength": 1, "maxLength": 253},
                        "key": {"description": "The key.", "type": "string", "minLength": 1, "maxLength": 253},
                        "optional": {"description": "Whether ConfigMap or key may be absent.", "type": "boolean"}
                      }
                    },
                    "fieldRef": {
                      "description": "A field of the pod.",
                      "type": "object",
                      "required": ["fieldPath"],
                      "properties": {
                        "fieldPath": {"description": "Such as status.podIP.", "type": "string", "minLength": 1, "maxLength": 253}
                      }
                    },
                    "secretKeyRef": {
                      "description": "A key of a Secret of the same namespace.",
                      "type": "object",
                      "required": ["name", "key"],
                      "properties": {
                        "name": {"description": "Name of the Secret.", "type": "string", "minLength": 1, "maxLength": 253},
                        "key": {"description": "The key.", "type": "string", "minLength": 1, "maxLength": 253},
                        "optional": {"description": "Whether Secret or key may be absent.", "type": "boolean"}
                      }
                    }
                  }
                }
              }
            }
            """,
        [typeof(V1Toleration)] = """
            {
              "description": "A taint that the pods tolerate.",
              "type": "object",
              "properties": {
                "key": {"description": "Key of the taint; absent, with operator Exists, for all.", "type": "string", "maxLength": 316},
                "operator": {"description": "Equal compares the value, Exists does not. Default: Equal.", "type": "string", "enum": ["Equal", "Exists"]},
                "value": {"description": "Value of the taint.", "type": "string", "maxLength": 63},
                "effect": {"description": "Effect of the taint; absent for all.", "type": "string", "enum": ["NoSchedule", "PreferNoSchedule", "NoExecute"]},
                "tolerationSeconds": {"description": "How long a NoExecute taint is tolerated. Default: for ever.", "type": "integer", "format": "int64"}
              }
            }
            """,
        [typeof(V1ResourceRequirements)] = """
            {
              "description": "CPU and memory of a container.",
              "type": "object",
              "properties": {
                "requests": {
                  "description": "What is kept free for the container.",
                  "type": "object",
                  "maxProperties": 16,
                  "additionalProperties": QUANTITY
                },
                "limits": {
                  "description": "What the container may use at most.",
                  "type": "object",
                  "maxProperties": 16,
                  "additionalProperties": QUANTITY
                }
              }
            }
            """.Replace("QUANTITY", """{"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": true, "maxLength": 64, "pattern": "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$"}""", StringComparison.Ordinal),
        [typeof(V1LocalObjectReference)] = """
            {
              "description": "An object of the same namespace.",
              "type": "object",
              "required": ["name"],
              "properties": {
                "name": {"description": "Its name.", "type": "string", "minLength": 1, "maxLength": 253}
              }
            }
            """,
        [typeof(V1PodSecurityContext)] = """
            {
              "description": "A pod's privileges.",
              "type": "object",
              "properties": {
                "runAsUser": {"description": "User id of the processes.", "type": "integer", "format": "int64", "minimum": 0},
                "runAsGroup": {"description": "Group id of the processes.", "type": "integer", "format": "int64", "minimum": 0},
                "runAsNonRoot": {"description": "Whether user 0 is refused.", "type": "boolean"},
                "fsGroup": {"description": "Group id of the volumes' files.", "type": "integer", "format": "int64", "minimum": 0},
                "fsGroupChangePolicy": {"description": "When the group of the volumes' files is changed.", "type": "string", "enum": ["OnRootMismatch", "Always"]},
                "supplementalGroups": {"description": "Further group ids of the processes, such as those of GPU devices.", "type": "array", "maxItems": 32, "x-kubernetes-list-type": "atomic", "items": {"type": "integer", "format": "int64", "minimum": 0}},
                "seccompProfile": {
                  "description": "Filter of system calls.",
                  "type": "object",
                  "required": ["type"],
                  "properties": {
                    "type": {"description": "Kind of the profile.", "type": "string", "enum": ["RuntimeDefault", "Unconfined", "Localhost"]},
                    "localhostProfile": {"description": "Path of a Localhost profile.", "type": "string", "maxLength": 500}
                  }
                },
                "seLinuxOptions": {
                  "description": "SELinux context.",
                  "type": "object",
                  "properties": {
                    "user": {"description": "User of the context.", "type": "string", "maxLength": 253},
                    "role": {"description": "Role of the context.", "type": "string", "maxLength": 253},
                    "type": {"description": "Type of the context.", "type": "string", "maxLength": 253},
                    "level": {"description": "Level of the context.", "type": "string", "maxLength": 253}
                  }
                }
              }
            }
            """,
        [typeof(V1Condition)] = """
            {
              "description": "One aspect of the deployment's state.",
              "type": "object",
              "required": ["type", "status", "reason", "message", "lastTransitionTime"],
              "properties": {
                "type": {"description": "Name of the condition.", "type": "string", "maxLength": 316, "pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"},
                "status": {"description": "True, False or Unknown.", "type": "string", "enum": ["True", "False", "Unknown"]},
                "observedGeneration": {"description": "Generation of the spec that it is about.", "type": "integer", "format": "int64", "minimum": 0},
                "lastTransitionTime": {"description": "When its status last changed.", "type": "string", "format": "date-time"},
                "reason": {"description": "CamelCase reason; docs/guides/conditions.md lists them.", "type": "string", "minLength": 1, "maxLength": 1024, "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"},
                "message": {"description": "The reason in words, with numbers.", "type": "string", "maxLength": 32768}
              }
            }
            """,
    };

    /// <summary>A fresh copy of the type's schema; null for types that are ours.</summary>
    public static JsonObject? TryGet(Type type) => Texts.TryGetValue(type, out var text) ? JsonNode.Parse(text)!.AsObject() : null;
}
